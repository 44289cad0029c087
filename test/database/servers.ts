/** Stand-ins for what a machine may have: a mongod (a wrapper of SecantusDB that accepts mongod's flags), and a download mirror. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import type { Database } from '../../src/database/contract.js';
import { findSecantusdb } from '../../src/database/secantusdb.js';
import { startDatabase } from '../../src/database/start.js';
import type { StartDatabaseInput } from '../../src/database/contract.js';

/** A folder that is deleted after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-database-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** The environment of a machine without mongod and downloads, with the user's real cache. */
export function bareMachine(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !existsSync(join(folder, 'mongod')));
  return {
    ...process.env,
    PATH: path.join(delimiter),
    MONGOMS_SYSTEM_BINARY: '',
    MONGOMS_RUNTIME_DOWNLOAD: 'false',
    MONGOMS_DOWNLOAD_DIR: temporaryFolder(),
  };
}

/** Writes a program called mongod, and returns its folder. */
export function writeMongod(script: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mongod'), `#!/bin/sh\n${script}`, { mode: 0o755 });
  return folder;
}

/** The text of a mongod that runs SecantusDB. */
export async function mongodScript(): Promise<string> {
  const found = await findSecantusdb({ log: () => undefined, env: process.env });
  if ('missing' in found) throw new Error(found.missing);
  return `[ "$1" = --version ] && echo 'db version v8.0.0' && exit 0
while [ $# -gt 1 ]; do
  case "$1" in --port) port=$2 ;; --dbpath) path=$2 ;; esac
  shift
done
exec '${found.command}' --port "$port" --storage-path "$path" --sync-on-commit --cache-size 256M --log-file-max 128MB
`;
}

/** A machine with a mongod on its PATH. */
export async function machineWithMongod(): Promise<NodeJS.ProcessEnv> {
  const env = bareMachine();
  return { ...env, PATH: `${writeMongod(await mongodScript())}${delimiter}${env['PATH']}` };
}

/** A machine that can download a mongod from a mirror on loopback. */
export async function machineWithMirror(): Promise<NodeJS.ProcessEnv> {
  const folder = temporaryFolder();
  const archive = join(folder, 'mongod.tgz');
  mkdirSync(join(folder, 'mongodb', 'bin'), { recursive: true });
  // A file smaller than a megabyte is treated as a broken download.
  const padding = `#${'-'.repeat(99)}\n`.repeat(11_000);
  writeFileSync(join(folder, 'mongodb/bin/mongod'), `#!/bin/sh\n${await mongodScript()}${padding}`, {
    mode: 0o755,
  });
  execFileSync('tar', ['-czf', archive, '-C', folder, 'mongodb']);
  const bytes = readFileSync(archive);
  const md5 = createHash('md5').update(bytes).digest('hex');
  const mirror = await serveMirror((url) =>
    url.endsWith('.md5') ? Buffer.from(`${md5}  mongod.tgz\n`) : bytes,
  );
  return { ...onlyWith(mirror.uri) };
}

/** A machine with only this mirror and empty caches. */
export function onlyWith(mirror: string): NodeJS.ProcessEnv {
  return {
    ...bareMachine(),
    MONGOMS_RUNTIME_DOWNLOAD: 'true',
    MONGOMS_DOWNLOAD_MIRROR: mirror,
    XDG_CACHE_HOME: temporaryFolder(),
  };
}

/** Serves downloads; `answer` returns undefined for an unknown file, and `never` leaves the request open. */
export async function serveMirror(
  answer: (url: string) => Buffer | undefined | 'never',
): Promise<{ uri: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = answer(request.url ?? '');
    if (body === 'never') return;
    response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0 }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the mirror does not listen');
  return { uri: `http://127.0.0.1:${address.port}`, asked };
}

/** Starts a database that is stopped after the test. */
export async function started(input: StartDatabaseInput): Promise<Database> {
  const database = await startDatabase(input);
  onTestFinished(() => database.stop());
  return database;
}

/** Writes a note durably, as the portal writes. */
export async function write(database: Database, id: string): Promise<void> {
  await withNotes(database, (notes) =>
    notes.insertOne({ _id: id }, { writeConcern: { w: 'majority', journal: true } }),
  );
}

/** The stored notes. */
export async function read(database: Database): Promise<string[]> {
  return withNotes(database, async (notes) =>
    (await notes.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id),
  );
}

async function withNotes<T>(
  database: Database,
  act: (notes: ReturnType<typeof notesOf>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(database.uri, { serverSelectionTimeoutMS: 15_000 });
  try {
    return await act(notesOf(client));
  } finally {
    await client.close();
  }
}

function notesOf(client: MongoClient) {
  return client.db().collection<{ _id: string }>('notes');
}

/** Waits until a condition holds. Fails after twenty seconds, or after `patienceMs`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
