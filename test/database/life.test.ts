/** The child process ends with its parent, and one folder serves one portal. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startChild } from '../../src/database/child.js';
import { isAlive, nameProcess } from '../../src/database/processes.js';
import { startKillable } from '../support/killable.js';
import { bareMachine, read, started, temporaryFolder, until, write } from './servers.js';

/** Starts a portal process, and waits until its database answers. */
async function startPortal(folder: string) {
  const { said, kill } = await startKillable('database-process', [folder], bareMachine());
  const { uri, pid } = z.object({ uri: z.string(), pid: z.number() }).parse(JSON.parse(said));
  const child = nameProcess(pid);
  if (!child) throw new Error('the database of the portal does not run');
  return { kill, uri, child };
}

it('the database ends when its portal is killed, and the next portal finds all data', async () => {
  const folder = temporaryFolder();
  const { kill, uri, child } = await startPortal(folder);
  const { pid } = child;
  await write(
    { uri, kind: 'secantusdb', pid, prepare: async () => undefined, stop: async () => undefined },
    'alice',
  );
  await kill();
  await until('the database has ended', () => !isAlive(child));
  expect(await read(await started({ folder, env: bareMachine() }))).toEqual(['alice']);
});

it('a portal that starts while a killed one’s database is still ending waits for it', async () => {
  const folder = temporaryFolder();
  const { kill, child } = await startPortal(folder);
  await kill();
  const next = await started({ folder, env: bareMachine() });
  expect(isAlive(child)).toBe(false);
  expect(next.pid).not.toBe(child.pid);
});

it('a second portal on the same folder is refused in one sentence; one with another folder starts', async () => {
  const folder = temporaryFolder();
  const env = bareMachine();
  const first = await started({ folder, env });
  await expect(started({ folder, env })).rejects.toThrow(
    `The database in ${folder} is in use by another portal (process ${process.pid}): stop that one, or give this one another folder with VAR_DIR.`,
  );
  const other = await started({ folder: temporaryFolder(), env });
  expect(other.uri).not.toBe(first.uri);
});

it('a command next to a running portal uses its database, and leaves it running', async () => {
  const folder = temporaryFolder();
  const env = bareMachine();
  const first = await started({ folder, env });
  await write(first, 'alice');
  const joined = await started({ folder, env, mayJoin: true });
  expect(joined.uri).toBe(first.uri);
  expect(await read(joined)).toEqual(['alice']);
  await joined.stop();
  expect(await read(first)).toEqual(['alice']);
});

it('a lock left by a crash does not count, also when its process number is in use again', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'portal.lock'),
    JSON.stringify({ portal: { pid: process.pid, began: 'long ago' } }),
  );
  expect((await started({ folder, env: bareMachine() })).pid).toBeGreaterThan(0);
});

it('a stopped database can be stopped again, and leaves no lock', async () => {
  const input = { folder: temporaryFolder(), env: bareMachine() };
  const database = await started(input);
  await database.stop();
  await database.stop();
  expect(database.pid).toBeUndefined();
  expect((await started(input)).pid).toBeGreaterThan(0);
});

it('SecantusDB gets the index for quick conditional writes once', async () => {
  const database = await started({ folder: temporaryFolder(), env: bareMachine() });
  const connection = await mongoose.createConnection(database.uri).asPromise();
  await database.prepare(connection);
  await database.prepare(connection);
  const keys = (await connection.collection('subscribers').indexes()).map(({ key }) => key);
  await connection.close();
  expect(keys).toEqual([{ _id: 1 }, { _id: 1, version: 1 }]);
});

it('a storage engine that fails, as on a full disk, is stopped so that it is started afresh', async () => {
  const script = 'echo listening on; echo "pwrite: No space left on device: WT_PANIC" >&2; exec sleep 60';
  const child = await startChild({
    command: 'sh',
    args: ['-c', script],
    env: bareMachine(),
    folder: temporaryFolder(),
  });
  expect(await child.ended).toMatch(/^ended because the disk is full/);
});
