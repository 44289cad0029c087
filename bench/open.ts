/** Everything that a run of the benchmark uses: one database server, two databases with the same people, keys, and a list of requests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.js';
import type { Config } from '../src/config.js';
import { startDatabase } from '../src/database/start.js';
import type { Database } from '../src/database/contract.js';
import { createDeps } from '../src/deps.js';
import type { Deps } from '../src/deps.js';
import { migrate } from '../src/migrations.js';
import { rotateKeys } from '../src/tokens/keys.js';
import { insertSubscribers, writeCatalogue } from './world.js';

export interface Person {
  id: string;
  address: string;
}

export interface Bench {
  folder: string;
  database: Database;
  /** Parts over the portal's database, and over the reference's. */
  portal: Deps;
  reference: Deps;
  people: Person[];
  uriOf(databaseName: 'sayso' | 'reference'): string;
  /** For a portal as in production; its port is added when it is started. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Starts the database, with sync on commit, and fills it. */
export async function openBench(count: number): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'sayso-bench-'));
  const keyFile = join(folder, 'keys.json');
  await rotateKeys(keyFile, 'Ed25519', new Date(Date.now() - 60_000));
  const database = await startDatabase({ folder: join(folder, 'database'), log: console.log });
  const uriOf = (name: 'sayso' | 'reference') => database.uri.replace('/sayso?', `/${name}?`);
  const env = {
    NODE_ENV: 'production',
    BASE_URL: 'https://preferences.example.com',
    MONGODB_URI: uriOf('sayso'),
    SMTP_URL: 'smtp://127.0.0.1:9',
    SUBSCRIBER_ID_KEY: 'key-of-the-bench-key-of-the-bench-key-of-the-bench',
    TOKEN_KEYS_FILE: keyFile,
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.internal',
    VAR_DIR: folder,
    LOG_LEVEL: 'info',
    // No balancer needs notice of a stop.
    STOP_NOTICE_SECONDS: '0',
  };
  const portal = await openDeps(readConfig(env), database, uriOf('sayso'));
  const reference = await openDeps(readConfig(env), database, uriOf('reference'));
  const people = Array.from({ length: count }, (_, index) => {
    const address = `person-${index}@example.com`;
    return { id: portal.subscriberIds('EMAIL', address), address };
  });
  await insertSubscribers([portal.connection, reference.connection], people);
  return {
    folder,
    database,
    portal,
    reference,
    people,
    uriOf,
    env,
    async close() {
      await portal.close();
      await reference.close();
      await database.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function openDeps(config: Config, database: Database, databaseUri: string): Promise<Deps> {
  const deps = await createDeps({ ...config, logLevel: 'warn' }, { databaseUri });
  await database.prepare(deps.connection);
  await migrate(deps);
  await writeCatalogue(deps.models);
  return deps;
}
