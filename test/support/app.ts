/** A whole portal for a test: real database, real keys, the demonstration world, on a free port. Its log is kept for reading. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createDeps } from '../../src/deps.js';
import type { Deps } from '../../src/deps.js';
import { headerUrl } from '../../src/cli/demo-links.js';
import { normaliseAddress } from '../../src/domain/consent/address.js';
import { mintLink } from '../../src/domain/links/mint-links.js';
import { drain } from '../../src/drain.js';
import { createLog } from '../../src/log.js';
import { findSubscriber } from '../../src/models/find-subscribers.js';
import type { SubscriberHead } from '../../src/models/subscriber.js';
import { seed } from '../../src/seed/seed.js';
import { trailNotes } from '../../src/seed/world.js';
import type { Person } from '../../src/seed/world.js';
import { startWorker } from '../../src/worker.js';
import { closeAfterwards, temporaryFolder } from './close-afterwards.js';
import { openMigratedDatabase } from './connection.js';
import type { TestDatabase } from './connection.js';
import { keepAnswers } from './kept-answers.js';
import { keepLog, keyOfTheTests } from './kept-log.js';
import { keyFileOf } from './key-file.js';

export interface TestPortal {
  deps: Deps;
  database: TestDatabase;
  /** Origin, without a slash at the end; also the BASE_URL of its links. */
  url: string;
  /** Lines of the log so far. */
  logged: string[];
  /** Advances the clock, in milliseconds. */
  advance: (ms: number) => void;
  /** Paths of a person's links, for one type of one unit (by default Trail notes of Northwind). */
  linksOf: (
    person: Pick<Person, 'address'>,
    about?: { unitId?: number; typeId?: number | undefined; locale?: string; campaign?: string },
  ) => Promise<{
    preferences: string;
    unsubscribe: string;
    unsubscribeAll: string;
    oneClick: string;
    subscriberId: string;
  }>;
  subscriberOf: (person: Pick<Person, 'address'>) => Promise<SubscriberHead>;
  /** Stops the portal before the test has ended. */
  stop: () => Promise<void>;
}

/** The same for all portals of a worker. */
let views: Deps['views'] | undefined;

/**
 * Opens a portal. It stops after the test or the file that opened it.
 * @param options `env` overrides configuration variables; `hostName` is the portal's host (127.0.0.1; passkeys need a name); `hasWorker` runs the
 * jobs too; `startAt` is where its clock begins; `isStill`: its clock moves by `advance` only, as for a program that is faster than any person; `alter`
 * changes the world before it is read; `through` changes the database's connection string, for example to a proxy
 */
export async function openTestPortal(
  options: {
    env?: Record<string, string>;
    hostName?: string;
    hasWorker?: boolean;
    startAt?: Date;
    isStill?: boolean;
    alter?: (models: Deps['models']) => Promise<unknown>;
    through?: (uri: string) => string | Promise<string>;
  } = {},
): Promise<TestPortal> {
  const database = await openMigratedDatabase();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://${options.hostName ?? '127.0.0.1'}:${(server.address() as AddressInfo).port}`;
  const config = readConfig({
    NODE_ENV: 'test',
    BASE_URL: url,
    VAR_DIR: await temporaryFolder(),
    SUBSCRIBER_ID_KEY: keyOfTheTests,
    TOKEN_KEYS_FILE: await keyFileOf('Ed25519'),
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    ...options.env,
  });
  const logged: string[] = [];
  const log = createLog(config, { write: (line) => keepLog(logged, line) });
  const begin = Date.now();
  let offset = options.startAt ? options.startAt.getTime() - begin : 0;
  const deps = await createDeps(config, {
    databaseUri: (await options.through?.(database.uri)) ?? database.uri,
    log,
    clock: () => new Date((options.isStill ? begin : Date.now()) + offset),
  });
  // Templates are compiled at their first use, which takes milliseconds each.
  deps.views = views ??= deps.views;
  await seed(deps);
  await options.alter?.(deps.models);
  await deps.keepWordings(await deps.catalogue());
  let isStopping = false;
  server.on(
    'request',
    createApp(deps, () => isStopping),
  );
  const answers = keepAnswers(server);
  const worker = options.hasWorker ? await startWorker(deps) : null;
  const idOf = ({ address }: Pick<Person, 'address'>) =>
    deps.subscriberIds('EMAIL', normaliseAddress('EMAIL', address));
  const pathOf = (link: string | undefined) => (link ? new URL(link).pathname : '');
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll());
  async function stopAll(): Promise<void> {
    isStopping = true;
    await drain(server, 2);
    await worker?.stop();
    await deps.close();
    if (answers.length === 0) return;
    const { mismatches } = await import('./api-contract.js');
    const faults = mismatches(answers, url);
    if (faults.length > 0)
      throw new Error(`Answers of the API do not match its document:\n${faults.join('\n')}`);
  }
  closeAfterwards(stop);
  return {
    deps,
    database,
    url,
    logged,
    advance: (ms) => {
      offset += ms;
    },
    async linksOf({ address }, about = {}) {
      const typeId = 'typeId' in about ? about.typeId : trailNotes.id;
      const links = await mintLink(deps, {
        address,
        channel: 'EMAIL',
        unitId: about.unitId ?? trailNotes.unitId,
        ...(typeId === undefined ? {} : { typeId }),
        ...(about.locale ? { locale: about.locale } : {}),
        ...(about.campaign ? { campaign: about.campaign } : {}),
      });
      return {
        preferences: pathOf(links.managePreferencesUrl),
        unsubscribe: pathOf(links.unsubscribeSingleUrl ?? links.unsubscribeAllUrl),
        unsubscribeAll: pathOf(links.unsubscribeAllUrl),
        oneClick: pathOf(headerUrl(links.headers['List-Unsubscribe'])),
        subscriberId: links.subscriberId,
      };
    },
    async subscriberOf(person) {
      const found = await findSubscriber(deps.models.subscribers, idOf(person));
      if (!found) throw new Error(`There is no subscriber for ${person.address}.`);
      return found;
    },
    stop,
  };
}
