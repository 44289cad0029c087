/** Each of the three ways to a database ends in the same: what was acknowledged is there, whatever happens to the process. */
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

describe.each(ways)('$name', ({ kind, machine }) => {
  it('keeps what was written through a stop and a start', async () => {
    const input = { folder: temporaryFolder(), env: await machine() };
    const first = await started(input);
    expect(first.kind).toBe(kind);
    await write(first, 'alice');
    await first.stop();
    const second = await started(input);
    expect(second.kind).toBe(kind);
    expect(await read(second)).toEqual(['alice']);
  });

  it('comes back by itself on the same port, with everything, when it is killed', async () => {
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

it('a database that the operator named is used as it is, and nothing is started', async () => {
  const folder = temporaryFolder();
  const database = await started({ uri: 'mongodb://db.example.com/sayso', folder });
  expect(database).toMatchObject({
    uri: 'mongodb://db.example.com/sayso',
    kind: 'configured',
    pid: undefined,
  });
});

it('MONGOMS_SYSTEM_BINARY names a mongod that is not on PATH', async () => {
  const { PATH } = await machineWithMongod();
  const command = `${PATH?.split(':')[0]}/mongod`;
  const env = { ...bareMachine(), MONGOMS_SYSTEM_BINARY: command };
  expect((await started({ folder: temporaryFolder(), env })).kind).toBe('mongod');
});

it('a folder that SecantusDB wrote stays with it when a mongod is installed later', async () => {
  const folder = temporaryFolder();
  const first = await started({ folder, env: bareMachine() });
  await write(first, 'alice');
  await first.stop();
  const second = await started({ folder, env: await machineWithMongod() });
  expect(second.kind).toBe('secantusdb');
  expect(await read(second)).toEqual(['alice']);
});
