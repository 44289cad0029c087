/** Each of the three ways to a database keeps every acknowledged write, whatever happens to the process. */
import { describe, expect, it } from 'vitest';
import {
  bareMachine,
  machineWithMirror,
  machineWithMongod,
  read,
  started,
  temporaryFolder,
  until,
  write,
} from './servers.js';

const ways = [
  { name: 'a mongod on PATH', kind: 'mongod', machine: machineWithMongod },
  { name: 'a mongod from a mirror', kind: 'downloaded-mongod', machine: machineWithMirror },
  { name: 'SecantusDB', kind: 'secantusdb', machine: async () => bareMachine() },
] as const;

describe.each(ways)('the database by $name', ({ kind, machine }) => {
  it('keeps its data through a stop and a start', async () => {
    const input = { folder: temporaryFolder(), env: await machine() };
    const first = await started(input);
    expect(first.kind).toBe(kind);
    await write(first, 'alice');
    await first.stop();
    const second = await started(input);
    expect(second.kind).toBe(kind);
    expect(await read(second)).toEqual(['alice']);
  });

  it('recovers by itself on the same port with all data when it is killed', async () => {
    const said: string[] = [];
    const log = (sentence: string) => said.push(sentence);
    const database = await started({ folder: temporaryFolder(), env: await machine(), log });
    const { pid, uri } = database;
    await write(database, 'alice');
    process.kill(pid ?? NaN, 'SIGKILL');
    await until('another process serves', () => database.pid !== undefined && database.pid !== pid);
    expect(database.uri).toBe(uri);
    await write(database, 'bob');
    expect(await read(database)).toEqual(['alice', 'bob']);
    expect(said.join('\n')).toContain('was ended by SIGKILL');
  });
});

it('a database configured by the operator is used unchanged, and none is started', async () => {
  const folder = temporaryFolder();
  const database = await started({ uri: 'mongodb://db.example.com/sayso', folder });
  expect(database).toMatchObject({
    uri: 'mongodb://db.example.com/sayso',
    kind: 'configured',
    pid: undefined,
  });
});

it('MONGOMS_SYSTEM_BINARY names a mongod outside PATH', async () => {
  const { PATH } = await machineWithMongod();
  const command = `${PATH?.split(':')[0]}/mongod`;
  const env = { ...bareMachine(), MONGOMS_SYSTEM_BINARY: command };
  expect((await started({ folder: temporaryFolder(), env })).kind).toBe('mongod');
});

it('a folder written by SecantusDB stays with it when a mongod is installed later', async () => {
  const folder = temporaryFolder();
  const first = await started({ folder, env: bareMachine() });
  await write(first, 'alice');
  await first.stop();
  const second = await started({ folder, env: await machineWithMongod() });
  expect(second.kind).toBe('secantusdb');
  expect(await read(second)).toEqual(['alice']);
});

it('data of a server that is not available now is not replaced by an empty database', async () => {
  const folder = temporaryFolder();
  const machine = await machineWithMongod();
  const first = await started({ folder, env: machine });
  await write(first, 'alice');
  await first.stop();
  await expect(started({ folder, env: bareMachine() })).rejects.toMatchObject({
    code: 'NO_DATABASE',
    message: expect.stringContaining(`${folder}/mongod was written by mongod`),
  });
  const again = await started({ folder, env: machine });
  expect(await read(again)).toEqual(['alice']);
});
