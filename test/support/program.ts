/** How tests run the command line as a process of its own. The gate builds the program first, which starts three times as fast as its sources. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from './close-afterwards.js';
import { keyFileOf } from './key-file.js';
import { keyOfTheTests } from './kept-log.js';

const root = join(import.meta.dirname, '../..');

/** Arguments of node that run `sayso`. A test that runs alone runs the sources. */
export const saysoProgram: readonly string[] = process.env['SAYSO_PROGRAM']
  ? [process.env['SAYSO_PROGRAM']]
  : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli/main.ts')];

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/**
 * Runs `sayso` to its end, in a folder without `.env`.
 * @param options `env` besides PATH; `hear` is called with all that it has written to standard error so far
 */
export async function runSayso(
  args: readonly string[],
  options: {
    env: NodeJS.ProcessEnv;
    cwd?: string;
    input?: string;
    hear?: (err: string, child: ChildProcess) => void;
  },
): Promise<Ended> {
  const cwd = options.cwd ?? (await temporaryFolder());
  const child = spawn(process.execPath, [...saysoProgram, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    timeout: 60_000,
  });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (ended.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    ended.err += text.toString();
    options.hear?.(ended.err, child);
  });
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  ended.code = await new Promise((resolve) => child.on('close', resolve));
  return ended;
}

/** All variables that a command needs. No server is behind the database unless `more` names one. */
export async function completeEnv(more: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  return {
    NODE_ENV: 'test',
    BASE_URL: 'https://mail.example.com',
    MONGODB_URI: 'mongodb://127.0.0.1:1/sayso?directConnection=true',
    SUBSCRIBER_ID_KEY: keyOfTheTests,
    TOKEN_KEYS_FILE: more['TOKEN_KEYS_FILE'] ?? (await keyFileOf('Ed25519')),
    UNSUBSCRIBE_MAILTO: 'unsubscribe@example.com',
    ...more,
  };
}
