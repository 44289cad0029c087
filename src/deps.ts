/** The composition root: the only place where the parts of the portal are wired together. */
import type { Connection } from 'mongoose';
import { createBackground } from './background.js';
import type { Config } from './config.js';
import './vocabulary/fault-words.js';
import { fingerprintOf, subscriberIdsOf, type SubscriberIds } from './domain/consent/address.js';
import { createCatalogueSource } from './domain/consent/catalogue.js';
import type { Catalogue } from './vocabulary/terms.js';
import type { ConsentDeps } from './domain/consent/change.js';
import { thingOf } from './domain/counts/counts-of.js';
import { DomainError } from './errors.js';
import { createLog, type Logger } from './log.js';
import { whyNotMailable } from './mail/mailable.js';
import { queueMail } from './mail/queue.js';
import { noMetrics, type Metrics } from './metrics.js';
import { connect } from './models/connect.js';
import { createModels, type Models } from './models/index.js';
import { nameInstallation, type SettingDocument } from './models/setting.js';
import { upsertById } from './models/upsert.js';
import { singleWordingKeeper, wordingKeeper, type KeepWording } from './domain/wordings/wording.js';
import type { Tokens } from './tokens/contract.js';
import { createTokens } from './tokens/create-tokens.js';
import { loadAssets, type Assets } from './views/assets.js';
import { createViews, type WarmableViews } from './views/render.js';

export interface Deps extends ConsentDeps {
  config: Config;
  log: Logger;
  connection: Connection;
  models: Models;
  tokens: Tokens;
  subscriberIds: SubscriberIds;
  /** A random name that all processes on this database share, and no other portal has. */
  installation: string;
  /** The catalogue as the database has it now, if the one in memory may be out of date. */
  rereadCatalogue: () => Promise<Catalogue>;
  /** The same, if only an announced change matters: it reads little while there is none. */
  recheckCatalogue: () => Promise<Catalogue>;
  /** Stores the wordings of a catalogue, so that events can name them. */
  keepWordings: (catalogue: Catalogue) => Promise<void>;
  /** Stores the wording of one page together with the act that it led to. */
  keepWording: KeepWording;
  assets: Assets;
  views: WarmableViews;
  metrics: Metrics;
  /** Gets certificates over https in place of `fetch`. */
  fetchText?: (url: string) => Promise<string>;
  /** Closes the database, the key file and all other resources. */
  close: () => Promise<void>;
}

export interface Parts {
  databaseUri: string;
  databaseName?: string;
  log?: Logger;
  clock?: () => Date;
  metrics?: Metrics;
}

/**
 * Opens the database and the keys, and builds all parts.
 * @throws DomainError `WRONG_SUBSCRIBER_KEY` if the database was made with another `SUBSCRIBER_ID_KEY`, `INVALID_KEYS`, `NO_DATABASE`
 */
export async function createDeps(config: Config, parts: Parts): Promise<Deps> {
  const log = parts.log ?? createLog(config);
  const clock = parts.clock ?? (() => new Date());
  const metrics = parts.metrics ?? noMetrics;
  const assets = loadAssets();
  const views = createViews({ assets });
  const tokens = await createTokens({
    file: config.tokenKeysFile,
    algorithm: config.tokenAlgorithm,
    issuer: config.tokenIssuer,
    linkLifetimeDays: config.linkLifetimeDays,
    warn: (sentence) => log.warn(sentence),
  });
  const connection = await open(parts).catch((error: unknown) => {
    tokens.stop();
    throw error;
  });
  const models = createModels(connection);
  const background = createBackground();
  const close = async () => {
    tokens.stop();
    await background.settle(2000);
    await connection.close();
  };
  let installation: string;
  try {
    await checkSubscriberKey(models, config.subscriberIdKey);
    installation = await nameInstallation(models.settings);
  } catch (error) {
    await close();
    throw error;
  }
  const catalogue = createCatalogueSource(models, config.timeZone);
  const projection = { models, clock, catalogue: () => catalogue.read() };
  return {
    config,
    log,
    clock,
    connection,
    models,
    tokens,
    assets,
    views,
    metrics,
    subscriberIds: subscriberIdsOf(config.subscriberIdKey),
    installation,
    catalogue: () => catalogue.read(),
    rereadCatalogue: () => catalogue.reread(),
    recheckCatalogue: () => catalogue.recheck(),
    keepWordings: wordingKeeper(models),
    keepWording: singleWordingKeeper(models),
    queueConfirmation: async ({ pendingId, ...pending }) => {
      await queueMail(
        { models, clock },
        {
          ...pending,
          id: `CONFIRMATION:${pendingId}`,
          kind: 'CONFIRMATION',
          pendingId,
          queuedBy: 'preferences',
        },
      );
    },
    whyUnconfirmable: async (subscriber) => {
      const why = await whyNotMailable({ models, config, clock }, subscriber, 'CONFIRMATION');
      return why === 'TOO_MANY_MAILS' ? 'TOO_MANY_CONFIRMATIONS' : why;
    },
    onChanged: (actor, events) => {
      if (events.some((event) => thingOf(event) === 'OPT_OUT')) metrics.optedOut(actor.kind);
    },
    onRefused: (code) => metrics.refused(code),
    onConflict: () => metrics.writeConflicted(),
    // Loaded at the first decision about a contact's address, so that pages are served sooner.
    refreshContacts: async (contactIds) =>
      (await import('./domain/contacts/project.js')).refreshContacts(projection, contactIds),
    background: background.add,
    close,
  };
}

async function open({ databaseUri, databaseName }: Parts): Promise<Connection> {
  try {
    return await connect(databaseUri, databaseName ? { databaseName } : {});
  } catch (error) {
    throw new DomainError(
      'NO_DATABASE',
      'The database cannot be reached: check that it runs, and that MONGODB_URI names it.',
      {
        cause: error,
      },
    );
  }
}

/** With another key, every subscriber would be unknown and every opt-out lost, so such a process must not run. */
export async function checkSubscriberKey(models: Models, key: string): Promise<void> {
  const fingerprint = fingerprintOf(key);
  const kept = await upsertById<SettingDocument>(models.settings, 'subscriber-key', {
    $setOnInsert: { value: fingerprint },
  });
  if (kept.value === fingerprint) return;
  throw new DomainError(
    'WRONG_SUBSCRIBER_KEY',
    'SUBSCRIBER_ID_KEY is not the key that this database was made with. It can never change: set the original key again, or use another database.',
  );
}
