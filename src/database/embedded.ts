/** Runs the embedded database as a child process with a folder of its own, or joins the one that holds the folder. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { DomainError } from '../errors.js';
import type { Database, Log, Server, StartDatabaseInput } from './contract.js';
import { findServer, formatOf, type Format } from './find-server.js';
import { databaseHeldIn, lockFolder, type FolderLock } from './folder-lock.js';
import { keepRunning } from './keep-running.js';
import { makePrimary, mongodArguments } from './mongod.js';
import { prepareSecantusdb, secantusdbArguments, withoutSecantusdbSettings } from './secantusdb.js';

/** @param joinDatabase makes the database of a URI that another process runs. @throws DomainError `NO_DATABASE` */
export async function startOrJoin(
  input: StartDatabaseInput,
  joinDatabase: (uri: string) => Database,
): Promise<Database> {
  const folder = resolve(input.folder);
  const joined = input.mayJoin ? await databaseHeldIn(folder) : undefined;
  if (joined) return joinDatabase(joined);
  const log = input.log ?? (() => undefined);
  const env = input.env ?? process.env;
  const lock = await takeFolder(folder);
  try {
    const written = formatIn(folder);
    const server = await findServer({ log, env }, { written });
    if (written && written !== formatOf(server)) throw notFound(join(folder, written), written);
    return await startEmbedded(
      { log, env, lock },
      { server, folder, isSyncOnCommit: input.isSyncOnCommit ?? true },
    );
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** An empty database would know no opt-out, so a portal does not begin with one beside its data (decision 0818). */
function notFound(data: string, written: Format): DomainError {
  return new DomainError(
    'NO_DATABASE',
    `The data of this portal in ${data} was written by ${written}, which is not available now: install it again, or set MONGODB_URI. ` +
      'To begin with an empty database, which knows none of its opt-outs, move that folder away.',
  );
}

async function startEmbedded(
  deps: { log: Log; env: NodeJS.ProcessEnv; lock: FolderLock },
  input: { server: Server; folder: string; isSyncOnCommit: boolean },
): Promise<Database> {
  const { server } = input;
  const isStandIn = server.kind === 'secantusdb';
  const folder = join(input.folder, formatOf(server));
  const settingsFile = join(input.folder, 'secantusdb.toml');
  await mkdir(folder, { recursive: true });
  if (isStandIn) await writeFile(settingsFile, '');
  const port = await freePort();
  const uri = `mongodb://127.0.0.1:${port}/sayso?directConnection=true`;
  const running = await keepRunning(
    { log: deps.log, note: (pid) => deps.lock.nameDatabase(pid, uri) },
    {
      command: server.command,
      args: isStandIn
        ? secantusdbArguments({ port, folder, settingsFile, isSyncOnCommit: input.isSyncOnCommit })
        : mongodArguments({ port, folder }),
      env: withoutSecantusdbSettings(deps.env),
      folder,
    },
  );
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await running.stop();
    await deps.lock.release();
  };
  if (!isStandIn) {
    await makePrimary(port).catch(async (error: unknown) => {
      await running.stop();
      throw error;
    });
  }
  return {
    uri,
    kind: server.kind,
    get pid() {
      return running.pid;
    },
    prepare: async (connection) => (isStandIn ? prepareSecantusdb(connection) : undefined),
    stop: () => (stopped ??= stop()),
  };
}

async function takeFolder(folder: string): Promise<FolderLock> {
  try {
    await mkdir(folder, { recursive: true });
    return await lockFolder(folder);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DomainError) throw error;
    const code = 'code' in error ? String(error.code) : error.message;
    const why = folderFaults[code] ?? `cannot be used (${code})`;
    throw new DomainError('NO_DATABASE', `The folder of the database, ${folder}, ${why}.`, { cause: error });
  }
}

const folderFaults: Record<string, string> = {
  ENOSPC: 'is on a disk that is full: free some space, or name another folder with VAR_DIR',
  EDQUOT: 'is on a disk whose quota is used up: free some space, or name another folder with VAR_DIR',
  EACCES: 'may not be written by this user: change its owner, or name another folder with VAR_DIR',
  EPERM: 'may not be written by this user: change its owner, or name another folder with VAR_DIR',
  EROFS: 'is on a disk that cannot be written: name another folder with VAR_DIR',
  ENOTDIR: 'lies under something that is a file: name another folder with VAR_DIR',
  EEXIST: 'is a file: name another folder with VAR_DIR',
};

function formatIn(folder: string): Format | undefined {
  const formats: readonly Format[] = ['mongod', 'secantusdb'];
  return formats.find((format) => existsSync(join(folder, format, 'WiredTiger')));
}

/** A free port; the kernel gives the next caller another one. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
