/**
 * A portal as a process of its own with its embedded database, as `sayso serve` runs it: for killing, and restarting on the same
 * data.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config.js';
import { createDeps } from '../../src/deps.js';
import type { Deps } from '../../src/deps.js';
import { createLog } from '../../src/log.js';
import { bareMachine, temporaryFolder, until } from '../database/servers.js';
import { freePort } from '../support/close-afterwards.js';
import { logFolderVariable } from '../support/kept-log.js';
import { completeEnv, saysoProgram } from '../support/program.js';

const root = join(import.meta.dirname, '../..');
const lockFile = z.object({ database: z.object({ pid: z.number() }), uri: z.string() });

export interface Ending {
  code: number | null;
  /** What it wrote to standard error. */
  said: string;
}

export interface PortalProcess {
  url: string;
  varDir: string;
  /** Starts or restarts it, and waits until it is ready. */
  start: () => Promise<void>;
  /** `kill -9` of the portal alone. */
  kill: () => Promise<void>;
  /** `kill -9` of its database. */
  killDatabase: () => void;
  /** The database stays but does not answer (SIGSTOP), until it is resumed (SIGCONT). */
  stallDatabase: () => void;
  wakeDatabase: () => void;
  /** SIGTERM. @returns how it ended */
  stop: () => Promise<Ending>;
  /** Parts of the portal over the same database, for the test's checks. They are closed after the test. */
  open: () => Promise<Deps>;
}

/**
 * Prepares a portal on a free port. Nothing runs before it is started, and nothing is left after the test.
 * @param options `args` of `sayso serve`; `env` overrides variables; with a `MONGODB_URI` several portals share a database
 */
export async function preparePortal(
  options: { port?: number; env?: Record<string, string>; args?: string[] } = {},
): Promise<PortalProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const varDir = temporaryFolder();
  const env: NodeJS.ProcessEnv = {
    ...bareMachine(),
    // A database of its own, whichever the other tests use.
    ...(await completeEnv({ BASE_URL: url, MONGODB_URI: '', LOG_LEVEL: 'warn', ...options.env })),
    PORT: String(port),
    VAR_DIR: varDir,
  };
  let process: ChildProcess | undefined;
  let ended: Promise<Ending> | undefined;
  const lock = () => lockFile.parse(JSON.parse(readFileSync(join(varDir, 'database/portal.lock'), 'utf8')));
  const end = async (signal: NodeJS.Signals): Promise<Ending> => {
    process?.kill(signal);
    return (await ended) ?? { code: null, said: '' };
  };
  const signalDatabase = (signal: NodeJS.Signals) =>
    void globalThis.process.kill(lock().database.pid, signal);
  onTestFinished(async () => void (await end('SIGTERM')));
  return {
    url,
    varDir,
    async start() {
      process = spawn(globalThis.process.execPath, [...saysoProgram, 'serve', ...(options.args ?? [])], {
        cwd: root,
        env,
        stdio: ['ignore', logOf(port), 'pipe'],
      });
      ended = endingOf(process);
      let ending: Ending | undefined;
      void ended.then((one) => (ending = one));
      await until(
        'the portal is ready',
        async () => {
          if (ending) throw new Error(ending.said);
          return (await statusOf(`${url}/readyz`)) === 200;
        },
        60_000,
      );
    },
    async kill() {
      await end('SIGKILL');
    },
    killDatabase: () => signalDatabase('SIGKILL'),
    stallDatabase() {
      signalDatabase('SIGSTOP');
      // A database that is still stalled could not be stopped.
      onTestFinished(() => signalDatabase('SIGCONT'));
    },
    wakeDatabase: () => signalDatabase('SIGCONT'),
    stop: () => end('SIGTERM'),
    async open() {
      const config = readConfig(env);
      const log = createLog({ ...config, logLevel: 'silent' });
      const deps = await createDeps(config, { databaseUri: env['MONGODB_URI'] || lock().uri, log });
      onTestFinished(() => deps.close());
      return deps;
    },
  };
}

/** Its log goes to the folder of the other portals' logs, and is searched with them. */
function logOf(port: number): number | 'ignore' {
  const folder = process.env[logFolderVariable];
  return folder ? openSync(join(folder, `portal-${port}.log`), 'a') : 'ignore';
}

async function endingOf(process: ChildProcess): Promise<Ending> {
  let said = '';
  process.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(process, 'close');
  return { code: typeof code === 'number' ? code : null, said };
}

/** The status of a GET, or 0 without an answer. */
export async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => 0,
  );
}
