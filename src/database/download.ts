/** Gets a mongod from the cache or the downloads of mongodb-memory-server-core, a development dependency that may be missing. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder, run } from './run.js';
import type { Log, Missing, Server } from './contract.js';
import { faultOf } from './mongod.js';

/** Maximum wait for the first byte. Without a route to the mirror, every start waits for it. */
const firstByteMs = 5000;
/** Maximum wait between later bytes. */
const wholeMs = 120_000;
/** How long a failure is remembered. */
const failureMs = 24 * 3600 * 1000;

/** Printed before the path, since the library prints its progress to the same stream. */
const mark = 'sayso-found:';
const script = (look: string) => `
  const { DryMongoBinary, MongoBinary } = require(process.argv[1]);
  const complain = (error) => {
    console.error(error.message.replace(/\\s+/g, ' ').slice(0, 200));
    process.exit(1);
  };
  (${look}).then((path) => console.log('${mark}' + (path ?? '')), complain);`;
const lookInCache = script('DryMongoBinary.locateBinary({})');
const download = script('MongoBinary.getPath()');

/**
 * Finds a mongod in the library's cache, or downloads one into it; a failure is remembered for a day.
 * @returns the server, or why there is none
 */
export async function findDownloadedMongod(deps: {
  log: Log;
  env: NodeJS.ProcessEnv;
}): Promise<Server | Missing> {
  const library = locateLibrary();
  if (!library)
    return { missing: 'mongodb-memory-server-core, which could download a mongod, is not installed' };
  const env = libraryEnvironment(deps.env);
  const look = (code: string, limitMs: number) =>
    run({
      command: process.execPath,
      args: ['-e', code, library],
      env,
      limitMs,
      extend: (output) => (output.includes('Downloading') ? wholeMs : undefined),
    });
  const cached = pathIn((await look(lookInCache, firstByteMs)).stdout);
  if (cached && !(await faultOf(cached, env))) return { kind: 'downloaded-mongod', command: cached };
  const memory = join(cacheFolder(deps.env), 'mongod-download.json');
  const remembered = await recall(memory, mirrorOf(deps.env));
  if (remembered) return { missing: `${remembered} (tried within the last day)` };
  deps.log('Checking if a mongod can be downloaded.');
  const { stdout, lastLine } = await look(download, firstByteMs);
  const path = pathIn(stdout);
  const fault = path ? await faultOf(path, env) : `no mongod could be downloaded (${lastLine})`;
  if (path && !fault) return { kind: 'downloaded-mongod', command: path };
  await remember(memory, mirrorOf(deps.env), fault ?? '');
  return { missing: fault ?? '' };
}

function locateLibrary(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('mongodb-memory-server-core');
  } catch {
    return undefined;
  }
}

/** The library's own settings, with its checks on, only one try, and plain HTTP if the mirror's URL says so. */
function libraryEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    MONGOMS_SYSTEM_BINARY: '',
    MONGOMS_MD5_CHECK: 'true',
    MONGOMS_MAX_RETRIES: '1',
    // Without this the library accepts any certificate.
    npm_config_strict_ssl: 'true',
    ...(mirrorOf(env).startsWith('http://') ? { MONGOMS_USE_HTTP: 'true' } : {}),
  };
}

function mirrorOf(env: NodeJS.ProcessEnv): string {
  return env['MONGOMS_DOWNLOAD_MIRROR'] ?? '';
}

function pathIn(output: string): string | undefined {
  const at = output.lastIndexOf(mark);
  return at < 0 ? undefined : output.slice(at + mark.length).trim() || undefined;
}

const failure = z.object({ mirror: z.string(), reason: z.string(), at: z.number() });

async function recall(file: string, mirror: string): Promise<string | undefined> {
  try {
    const { data } = failure.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return data?.mirror === mirror && Date.now() - data.at < failureMs ? data.reason : undefined;
  } catch {
    return undefined;
  }
}

/** An unwritable cache costs a few seconds at the next start and is not a failure. */
async function remember(file: string, mirror: string, reason: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true })
    .then(() => writeFile(file, JSON.stringify({ mirror, reason, at: Date.now() })))
    .catch(() => undefined);
}
