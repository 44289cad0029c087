/** The schema's versions: each change of stored data is one numbered step, run once, by one process. Every start loads this file; a step loads what only it needs. */
import type { IndexDescription } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { checkSubscriberKey } from './deps.js';
import { subscriberIdsOf } from './domain/consent/address.js';
import { createCatalogueSource } from './domain/consent/catalogue.js';
import { DomainError } from './errors.js';
import { buckets } from './models/change.js';
import { connect } from './models/connect.js';
import { createModels, type Models } from './models/index.js';
import { withLease } from './models/lease.js';
import { rankUnrankedMails } from './models/mail.js';

export interface MigrationDeps {
  connection: Connection;
  models: Models;
  /** `SUBSCRIBER_ID_KEY`. A database with subscribers is not migrated without it. */
  subscriberIdKey?: string;
  /** `TIME_ZONE`, for the days of counts where the settings name no zone; UTC if absent. */
  timeZone?: string;
  /** Called with each step as it begins. */
  say?: (sentence: string) => void;
}

interface Migration {
  version: number;
  title: string;
  /** Must be safe to run twice: a process may be killed between its end and the note of it. */
  run: (deps: MigrationDeps) => Promise<void>;
}

/** In order. A released step is never changed, only followed by another. */
const migrations: readonly Migration[] = [
  { version: 1, title: 'make the collections', run: createCollections },
  { version: 2, title: 'count requests afresh', run: forgetCounts },
  {
    version: 3,
    title: 'note which opt-outs a machine made',
    // Step 5 notes them for every subscriber that an older release has written.
    run: async () => undefined,
  },
  { version: 4, title: 'give queued mails a priority', run: rankMails },
  {
    version: 5,
    title: 'rebuild each subscriber’s state from its history, as opt-outs by party',
    run: async ({ models }) => (await import('./domain/consent/rebuild-states.js')).rebuildStates(models),
  },
  {
    version: 6,
    title: 'find contacts by letters of other keyboards',
    run: async ({ models }) => (await import('./domain/contacts/refold-words.js')).refoldWords(models),
  },
  { version: 7, title: 'merge spellings of one address', run: mergeSpellings },
  { version: 8, title: 'give each subscription type one of two purposes', run: setPurposes },
  { version: 9, title: 'keep mails, jobs and chunks from their end on', run: countFromTheEnd },
  { version: 10, title: 'begin the change feed', run: beginFeed },
  { version: 11, title: 'count all histories for the dashboard, by day of the account', run: countHistories },
  { version: 12, title: 'drop the counts of older releases', run: dropOldCounts },
  {
    version: 13,
    title: 'note opt-outs that have ended',
    run: async ({ models }) => (await import('./domain/consent/rebuild-states.js')).noteEndedOptOuts(models),
  },
  {
    version: 14,
    title: 'mark the addresses of non-marketing contacts',
    run: async ({ models }) => (await import('./domain/marketing/status.js')).markNonMarketing(models),
  },
];

/** The version that this code reads and writes. */
export const schemaVersion = Math.max(...migrations.map((migration) => migration.version));

/** The version of the database; 0 before the first migration. */
export async function readSchemaVersion(models: Models): Promise<number> {
  const setting = await models.settings.findById('schema').lean();
  return typeof setting?.value === 'number' ? setting.value : 0;
}

/**
 * Lets a process start only on the schema that it knows.
 * @throws DomainError `WRONG_SCHEMA` if the database is older, or newer than the code
 */
export async function requireSchema(models: Models): Promise<void> {
  const found = await readSchemaVersion(models);
  if (found < schemaVersion) {
    throw new DomainError(
      'WRONG_SCHEMA',
      `The database has schema version ${found}, and this release needs ${schemaVersion}: run \`sayso migrate\`, or start with \`--migrate\`.`,
    );
  }
  refuseNewer(found);
}

/**
 * Updates the database to this release's schema, and creates every index that the models declare. Repeating it, also in two processes at once,
 * changes nothing.
 * @param target for tests; all steps of this release if absent
 * @returns the versions before and after
 * @throws DomainError `WRONG_SCHEMA` if the database is newer than the code, `DATABASE_BUSY` if another migration does not end
 */
export async function migrate(
  deps: MigrationDeps,
  target: readonly Migration[] = migrations,
): Promise<{ from: number; to: number }> {
  return withLease(
    deps.connection,
    { name: 'migrate', seconds: 30, patienceSeconds: 300 },
    async (signal) => {
      const from = await readSchemaVersion(deps.models);
      refuseNewer(from, target);
      let to = from;
      for (const migration of target.filter(({ version }) => version > from)) {
        signal.throwIfAborted();
        deps.say?.(`Migration ${migration.version}: ${migration.title}.`);
        await migration.run(deps);
        signal.throwIfAborted();
        to = migration.version;
        await deps.models.settings.updateOne({ _id: 'schema' }, { $set: { value: to } }, { upsert: true });
      }
      await createIndexes(deps);
      return { from, to };
    },
  );
}

/** Migrates over a separate connection, which gives an index unlimited time. @throws as `migrate`, and the errors of `connect` */
export async function migrateAt(
  databaseUri: string,
  given: Required<Pick<MigrationDeps, 'subscriberIdKey' | 'timeZone'>> & Pick<MigrationDeps, 'say'>,
): Promise<{ from: number; to: number }> {
  const connection = await connect(databaseUri, { isUnhurried: true, poolSize: 4 });
  try {
    const models = createModels(connection);
    return await migrate({ connection, models, ...given });
  } finally {
    await connection.close();
  }
}

/** Indexes that the models declare and the database lacks, as `collection {keys}`. */
export async function findMissingIndexes(connection: Connection): Promise<string[]> {
  const missing: string[] = [];
  for (const model of Object.values(connection.models))
    missing.push(...(await missingOf(model)).map(({ key }) => nameOf(model, key)));
  return missing;
}

async function missingOf(model: Model<unknown>): Promise<IndexDescription[]> {
  const { toCreate } = await model.diffIndexes({ indexOptionsToCreate: true });
  return toCreate.map(([key, options]) => ({ ...options, key }));
}

function nameOf(model: Model<unknown>, key: IndexDescription['key']): string {
  return `${model.collection.name} ${JSON.stringify(key)}`;
}

function refuseNewer(found: number, known: readonly Migration[] = migrations): void {
  const newest = Math.max(...known.map((migration) => migration.version));
  if (found <= newest) return;
  throw new DomainError(
    'WRONG_SCHEMA',
    `The database has schema version ${found}, and this release knows ${newest}: run the newer release that made it, or restore a backup.`,
  );
}

async function createCollections({ connection }: MigrationDeps): Promise<void> {
  for (const model of Object.values(connection.models)) await model.createCollection();
}

/** Counters from before their key was unique may exist twice, and would block the index; they last minutes. */
async function forgetCounts({ models }: MigrationDeps): Promise<void> {
  await models.rateLimits.deleteMany({});
}

/** Since then a lease of a mail moves its due time, so the field and the index of the old leases are dropped. */
async function rankMails({ models: { mails } }: MigrationDeps): Promise<void> {
  await mails.createCollection();
  await rankUnrankedMails(mails);
  await mails.collection.updateMany({ state: 'SENDING', leasedUntil: { $exists: true } }, [
    { $set: { dueAt: '$leasedUntil' } },
  ]);
  await mails.collection.updateMany({ leasedUntil: { $exists: true } }, { $unset: { leasedUntil: '' } });
  await dropIndex(mails.collection, 'state_1_leasedUntil_1');
}

/** Until then they were deleted 90 days after queueing, even if they had not ended. */
async function countFromTheEnd({ models: { mails, jobs, jobChunks } }: MigrationDeps): Promise<void> {
  for (const model of [mails, jobs, jobChunks]) {
    // Created if missing: a collection without documents may not exist, and then it has no indexes to list.
    await model.createCollection();
    await dropIndex(model.collection, 'at_1');
  }
  const ends = [{ $set: { endedAt: '$at' } }];
  const ended = (states: readonly string[]) => ({ state: { $in: [...states] }, endedAt: null });
  await mails.collection.updateMany(ended(['SENT', 'FAILED', 'UNKNOWN', 'DROPPED']), ends);
  await jobs.collection.updateMany(ended(['DONE', 'DEAD', 'CANCELLED']), ends);
}

/** The feed begins with the first write after this. The marks of older releases are processed once more, and removed. */
async function beginFeed({ models }: MigrationDeps): Promise<void> {
  for (const model of [models.subscribers, models.contacts, models.jobChunks]) await model.createCollection();
  const catalogue = createCatalogueSource(models).read;
  const { projectMarked } = await import('./domain/contacts/project-marked.js');
  await projectMarked({ models, clock: () => new Date(), catalogue });
  await dropIndex(models.subscribers.collection, 'isUnprojected_1');
  await dropIndex(models.jobChunks.collection, 'state_1');
}

/** Marks of the older release are published first, so that the follower counts nothing of them again. */
async function countHistories({ models, timeZone }: MigrationDeps): Promise<void> {
  const [{ publishMarked }, { recount }] = await Promise.all([
    import('./feed/publish.js'),
    import('./domain/counts/recount.js'),
  ]);
  const catalogue = createCatalogueSource(models, timeZone).read;
  const deps = { models, catalogue, clock: () => new Date(), log: { error: () => undefined } };
  for (const bucket of buckets) while ((await publishMarked(deps, bucket)) > 0);
  await recount(models, await catalogue());
}

/** A step of its own: the one before reads them, and may be repeated. */
async function dropOldCounts({ connection }: MigrationDeps): Promise<void> {
  const found = await connection.listCollections();
  if (found.some(({ name }) => name === 'daily_counts')) await connection.dropCollection('daily_counts');
}

/**
 * Converts addresses to Unicode NFC, those of contacts and of staff.
 * @throws DomainError `WRONG_SUBSCRIBER_KEY`: with another key every id would be wrong
 */
async function mergeSpellings({ models, subscriberIdKey, say }: MigrationDeps): Promise<void> {
  const [{ composeUserAddresses }, { composeAddresses }, { recordAudit }] = await Promise.all([
    import('./domain/staff/users.js'),
    import('./domain/contacts/compose-addresses.js'),
    import('./domain/staff/audit.js'),
  ]);
  await composeUserAddresses(models);
  if (!(await models.subscribers.exists({ channel: 'EMAIL' }))) return;
  if (subscriberIdKey === undefined)
    throw new DomainError('INVALID_CONFIGURATION', 'SUBSCRIBER_ID_KEY is needed to migrate this database.');
  await checkSubscriberKey(models, subscriberIdKey);
  const clock = () => new Date();
  await composeAddresses({
    models,
    clock,
    subscriberIds: subscriberIdsOf(subscriberIdKey),
    catalogue: createCatalogueSource(models).read,
    // One by one, and before it is done: if this step is interrupted, the next run finds nothing left to report.
    async onLoss(id) {
      const detail = 'the e-mail address is another contact’s, in another spelling';
      await recordAudit(
        { models, clock },
        { kind: 'CONTACT_CHANGED', by: 'cli', about: `contact:${id}`, detail },
      );
      say?.(`Contact ${id} has no e-mail address any more: ${detail}.`);
    },
  });
}

/** The purpose was free text. Only the exact word makes a type transactional: an opt-out of all still covers every other one. */
async function setPurposes({ models: { types } }: MigrationDeps): Promise<void> {
  for (const { _id, purpose } of await types
    .find({}, { purpose: 1 })
    .lean<{ _id: number; purpose: string }[]>()) {
    const isTransactional = purpose.trim().toUpperCase() === 'TRANSACTIONAL';
    await types.updateOne({ _id }, { $set: { purpose: isTransactional ? 'TRANSACTIONAL' : 'MARKETING' } });
  }
}

/** Drops an index that this release has replaced; a missing one is not an error. */
async function dropIndex(
  collection: Pick<Models['mails']['collection'], 'indexInformation' | 'dropIndex'>,
  name: string,
): Promise<void> {
  if (Object.hasOwn(await collection.indexInformation(), name)) await collection.dropIndex(name);
}

/**
 * Not a numbered step: the next migration creates an index that a model gains, without further work. One command makes all missing ones of a collection.
 * If one of them cannot be made, that command makes none, so the others are then made one by one.
 */
async function createIndexes({ connection, say }: MigrationDeps): Promise<void> {
  for (const model of Object.values(connection.models)) {
    const missing = await missingOf(model);
    for (const { key } of missing) say?.(`Index: ${nameOf(model, key)}.`);
    if (missing.length > 0) await model.collection.createIndexes(missing).catch(() => model.createIndexes());
  }
}
