/** The schema's versions: each change of what lies in the database is one numbered step, done once, by one process. */
import type { Connection } from 'mongoose';
import { checkSubscriberKey } from './deps.js';
import { subscriberIdsOf } from './domain/consent/address.js';
import { createCatalogueSource } from './domain/consent/catalogue.js';
import { rebuildStates } from './domain/consent/rebuild-states.js';
import { composeAddresses } from './domain/contacts/compose-addresses.js';
import { projectMarked } from './domain/contacts/project-marked.js';
import { refoldWords } from './domain/contacts/refold-words.js';
import { recordAudit } from './domain/staff/audit.js';
import { composeUserAddresses } from './domain/staff/users.js';
import { DomainError } from './errors.js';
import { connect } from './models/connect.js';
import { createModels } from './models/index.js';
import type { Models } from './models/index.js';
import { withLease } from './models/lease.js';
import { rankUnrankedMails } from './models/mail.js';

export interface MigrationDeps {
  connection: Connection;
  models: Models;
  /** `SUBSCRIBER_ID_KEY`. A database that has subscribers is not migrated without it. */
  subscriberIdKey?: string;
  /** Told each step as it begins. */
  say?: (sentence: string) => void;
}

interface Migration {
  version: number;
  title: string;
  /** Must bear being done twice: a process may die between its end and the note of it. */
  run: (deps: MigrationDeps) => Promise<void>;
}

/** In order; a step that was released is never altered, only followed by another. */
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
    run: ({ models }) => rebuildStates(models),
  },
  {
    version: 6,
    title: 'find contacts by letters of other keyboards',
    run: ({ models }) => refoldWords(models),
  },
  { version: 7, title: 'merge spellings of one address', run: mergeSpellings },
  { version: 8, title: 'give each subscription type one of two purposes', run: setPurposes },
  { version: 9, title: 'keep mails, jobs and chunks from their end on', run: countFromTheEnd },
  { version: 10, title: 'begin the change feed', run: beginFeed },
];

/** The version that this code reads and writes. */
export const schemaVersion = Math.max(...migrations.map((migration) => migration.version));

/** The version that the database has; 0 before the first migration. */
export async function readSchemaVersion(models: Models): Promise<number> {
  const setting = await models.settings.findById('schema').lean();
  return typeof setting?.value === 'number' ? setting.value : 0;
}

/**
 * Lets a process start only on the schema that it knows.
 * @throws DomainError `WRONG_SCHEMA` where the database is older, or newer than the code
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
 * Brings the database to this release's schema, and makes every index that the models declare. Done twice, or by two processes at once, it
 * changes nothing the second time.
 * @param target for tests; everything that this release knows where absent
 * @returns the versions before and after
 * @throws DomainError `WRONG_SCHEMA` where the database is newer than the code, `DATABASE_BUSY` where another migration does not end
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

/** Migrates over a connection of its own, which gives an index as long as it takes. @throws as `migrate` does, and what `connect` throws */
export async function migrateAt(
  databaseUri: string,
  { subscriberIdKey, say }: Required<Pick<MigrationDeps, 'subscriberIdKey'>> & Pick<MigrationDeps, 'say'>,
): Promise<{ from: number; to: number }> {
  const connection = await connect(databaseUri, { isUnhurried: true, poolSize: 4 });
  try {
    const models = createModels(connection);
    return await migrate({ connection, models, subscriberIdKey, ...(say ? { say } : {}) });
  } finally {
    await connection.close();
  }
}

/** Indexes that the models declare and the database has not, as `collection {keys}`. */
export async function findMissingIndexes(connection: Connection): Promise<string[]> {
  const missing: string[] = [];
  for (const model of Object.values(connection.models)) {
    const { toCreate } = await model.diffIndexes();
    for (const keys of toCreate) missing.push(`${model.collection.name} ${JSON.stringify(keys)}`);
  }
  return missing;
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

/** Counts made before their key was unique may be there twice, and the index could not be made; they last minutes. */
async function forgetCounts({ models }: MigrationDeps): Promise<void> {
  await models.rateLimits.deleteMany({});
}

/** A lease of a mail moves its due time since then, so the field and the index of the old leases go. */
async function rankMails({ models: { mails } }: MigrationDeps): Promise<void> {
  await mails.createCollection();
  await rankUnrankedMails(mails);
  await mails.collection.updateMany({ state: 'SENDING', leasedUntil: { $exists: true } }, [
    { $set: { dueAt: '$leasedUntil' } },
  ]);
  await mails.collection.updateMany({ leasedUntil: { $exists: true } }, { $unset: { leasedUntil: '' } });
  await dropIndex(mails.collection, 'state_1_leasedUntil_1');
}

/** Until then they were deleted 90 days after they were queued, also where they were still alive. */
async function countFromTheEnd({ models: { mails, jobs, jobChunks } }: MigrationDeps): Promise<void> {
  for (const model of [mails, jobs, jobChunks]) {
    // Made where it is not there: a collection without documents may lack, and then it has no indexes to ask for.
    await model.createCollection();
    await dropIndex(model.collection, 'at_1');
  }
  const ends = [{ $set: { endedAt: '$at' } }];
  const ended = (states: readonly string[]) => ({ state: { $in: [...states] }, endedAt: null });
  await mails.collection.updateMany(ended(['SENT', 'FAILED', 'UNKNOWN', 'DROPPED']), ends);
  await jobs.collection.updateMany(ended(['DONE', 'DEAD', 'CANCELLED']), ends);
}

/** The feed begins with the first write after this. The marks of older releases are followed once more, and go. */
async function beginFeed({ models }: MigrationDeps): Promise<void> {
  for (const model of [models.subscribers, models.contacts, models.jobChunks]) await model.createCollection();
  const catalogue = createCatalogueSource(models).read;
  await projectMarked({ models, clock: () => new Date(), catalogue });
  await dropIndex(models.subscribers.collection, 'isUnprojected_1');
  await dropIndex(models.jobChunks.collection, 'state_1');
}

/**
 * Brings addresses to Unicode NFC, those of contacts and of staff too.
 * @throws DomainError `WRONG_SUBSCRIBER_KEY`: with another key every id would be wrong
 */
async function mergeSpellings({ models, subscriberIdKey, say }: MigrationDeps): Promise<void> {
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
    // One by one and before it is done: where this step breaks off, the next one finds nothing left to tell.
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

/** The purpose was free text. Only the word itself makes a type transactional: an opt-out of all covers every other one, as before. */
async function setPurposes({ models: { types } }: MigrationDeps): Promise<void> {
  for (const { _id, purpose } of await types
    .find({}, { purpose: 1 })
    .lean<{ _id: number; purpose: string }[]>()) {
    const isTransactional = purpose.trim().toUpperCase() === 'TRANSACTIONAL';
    await types.updateOne({ _id }, { $set: { purpose: isTransactional ? 'TRANSACTIONAL' : 'MARKETING' } });
  }
}

/** Drops an index that this release has replaced; one that is not there is no fault. */
async function dropIndex(
  collection: Pick<Models['mails']['collection'], 'indexInformation' | 'dropIndex'>,
  name: string,
): Promise<void> {
  if (Object.hasOwn(await collection.indexInformation(), name)) await collection.dropIndex(name);
}

/** Not a numbered step: an index that a model gains is made by the next migration, without anybody having to remember it. */
async function createIndexes({ connection, say }: MigrationDeps): Promise<void> {
  for (const missing of await findMissingIndexes(connection)) say?.(`Index: ${missing}.`);
  for (const model of Object.values(connection.models)) await model.createIndexes();
}
