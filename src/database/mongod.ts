/** MongoDB's server: checks the binary, runs it, and makes it a replica set of one. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MongoClient, MongoServerError, type Db } from 'mongodb';
import { DomainError } from '../errors.js';
import type { Missing, Server } from './contract.js';
import { run } from './run.js';

/** The portal needs features of MongoDB 7. */
const oldestVersion = 7;
const replicaSet = 'sayso';
const electionMs = 30_000;

/** Finds the binary that MONGOMS_SYSTEM_BINARY names, or else `mongod` on PATH. */
export async function findInstalledMongod(env: NodeJS.ProcessEnv): Promise<Server | Missing> {
  const given = env['MONGOMS_SYSTEM_BINARY'];
  const command = given || (await findOnPath('mongod', env));
  if (!command) return { missing: 'no mongod is on PATH' };
  const fault = await faultOf(command, env);
  return fault ? { missing: fault } : { kind: 'mongod', command };
}

/** Why a mongod cannot be used, or undefined if it can: it must run on this machine, and be new enough. */
export async function faultOf(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { code, stdout, lastLine } = await run({ command, args: ['--version'], env, limitMs: 10_000 });
  const found = /db version v(\d+)/.exec(stdout)?.[1];
  if (code !== 0 || !found) return `${command} does not run (${lastLine || 'it names no version'})`;
  return Number(found) < oldestVersion
    ? `${command} is MongoDB ${found}, older than ${oldestVersion}`
    : undefined;
}

export function mongodArguments(input: { port: number; folder: string }): string[] {
  return [
    ...['--port', String(input.port), '--bind_ip', '127.0.0.1', '--dbpath', input.folder],
    ...['--replSet', replicaSet, '--storageEngine', 'wiredTiger', '--wiredTigerCacheSizeGB', '0.5'],
    '--nounixsocket',
  ];
}

/**
 * Makes the server a replica set of one that accepts writes. If it already is one, updates the set's port, since a member that does not find itself
 * in its set serves no client.
 * @throws DomainError `NO_DATABASE` if it accepts no writes after half a minute
 */
export async function makePrimary(port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const until = Date.now() + electionMs;
  try {
    const admin = client.db('admin');
    const member = { _id: 0, host: `127.0.0.1:${port}` };
    while (Date.now() < until) {
      const hello = await admin.command({ hello: 1 });
      if (hello['isWritablePrimary'] === true) return;
      if (hello['isreplicaset'] === true) await settle(admin, member);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await client.close();
  }
  throw new DomainError(
    'NO_DATABASE',
    `The mongod on port ${port} takes no writes: its replica set has no primary.`,
  );
}

/** `isreplicaset` says both "no set yet" and "not in the set I know". */
async function settle(admin: Db, member: { _id: number; host: string }): Promise<void> {
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    await admin.command({
      replSetReconfig: { ...config, version: config.version + 1, members: [member] },
      force: true,
    });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.codeName !== 'NotYetInitialized') throw error;
    await admin.command({ replSetInitiate: { _id: replicaSet, members: [member] } });
  }
}

async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder && isProgram) return path;
  }
  return undefined;
}
