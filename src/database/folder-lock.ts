/** Locks the folder against a second portal, and tells an abandoned lock from a held one. */
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DomainError } from '../errors.js';
import { awaitEnd, isAlive, nameProcess } from './processes.js';

const named = z.object({ pid: z.number().int().positive(), began: z.string() });
const holding = z.object({ portal: named, database: named.optional(), uri: z.string().optional() });
type Holding = z.infer<typeof holding>;

export interface FolderLock {
  /** Stores the database's process, so that the next portal can wait for its end, and its address, so that a command can connect. */
  nameDatabase(pid: number, uri: string): Promise<void>;
  release(): Promise<void>;
}

/** An empty lock file is being written at this moment, unless it is older than this. */
const writingMs = 3000;

/** Maximum time for the database of a killed portal to end. */
const endingMs = 12_000;

/**
 * Locks the folder.
 * @throws DomainError `FOLDER_IN_USE` if a running portal holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = join(folder, 'portal.lock');
  const portal = nameProcess(process.pid) ?? { pid: process.pid, began: '' };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (await isCreated(file, { portal })) return heldLock(file, portal);
    const text = await readFile(file, 'utf8').catch(() => '');
    const holder = parse(text);
    if (holder && isAlive(holder.portal)) throw taken(folder, holder);
    if (!holder && (await age(file)) < writingMs) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    if (holder?.database) await awaitEnd(holder.database, endingMs);
    await removeStale(file, text);
  }
  throw new DomainError(
    'NO_DATABASE',
    `The folder ${folder} is being locked by another portal; start again.`,
  );
}

/** The database of the running portal that holds this folder; undefined if there is none, or none yet. */
export async function databaseHeldIn(folder: string): Promise<string | undefined> {
  const holder = parse(await readFile(join(folder, 'portal.lock'), 'utf8').catch(() => ''));
  return holder && isAlive(holder.portal) ? holder.uri : undefined;
}

function heldLock(file: string, portal: Holding['portal']): FolderLock {
  return {
    async nameDatabase(pid, uri) {
      const database = nameProcess(pid);
      const next = `${file}.next`;
      await writeFile(next, JSON.stringify(database ? { portal, database, uri } : { portal, uri }));
      await rename(next, file);
    },
    async release() {
      await rm(file, { force: true });
    },
  };
}

async function isCreated(file: string, content: Holding): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(content), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock aside first. If it is not the lock that was read, another portal was faster, and its lock is put back. */
async function removeStale(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await rename(file, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => text);
  if (moved !== text) await writeFile(file, moved, { flag: 'wx' }).catch(() => undefined);
  await rm(aside, { force: true });
}

function parse(text: string): Holding | undefined {
  try {
    return holding.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function age(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
}

function taken(folder: string, holder: Holding): DomainError {
  return new DomainError(
    'FOLDER_IN_USE',
    `The database in ${folder} is in use by another portal (process ${holder.portal.pid}): stop that one, or give this one ` +
      'another folder with VAR_DIR.',
  );
}
