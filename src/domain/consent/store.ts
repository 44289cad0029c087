/**
 * The conditional write: state and events of one subscriber are written together, or not at all if another write came
 * first.
 */
import type { AnyBulkWriteOperation } from 'mongodb';
import mongoose from 'mongoose';
import { archivedEventKey } from '../../models/archived-event.js';
import { isDuplicateKey, isOnlyDuplicates } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { updateTogether } from '../../models/batched-update.js';
import { withoutWords } from './archive.js';
import { reading, writing } from './durability.js';
import { hasErasure, type Plan } from './plan.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

type StoreModels = Pick<Models, 'subscribers' | 'archivedEvents'>;

/** A plan to be written, and whether it creates the subscriber. */
export interface PlannedWrite {
  plan: Plan;
  isNew: boolean;
}

/**
 * Writes one plan: a new subscriber, or the changed fields and the new events. The condition is that the version is
 * still the one that was read.
 * @returns false if another write came first: nothing was written
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function writePlan(models: StoreModels, plan: Plan, isNew: boolean): Promise<boolean> {
  if (isNew) return insertSubscriber(models, wholeOf(plan));
  const { _id: id, version } = plan.head;
  const { update } = updateOf(plan);
  return writing(() =>
    updateTogether(models.subscribers, { id, version, update, mark: plan.next.chainHead }),
  );
}

/**
 * Creates a subscriber.
 * @returns false if another process created it in the meantime
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function insertSubscriber(
  models: Pick<Models, 'subscribers'>,
  whole: Subscriber,
): Promise<boolean> {
  return writing(async () => {
    try {
      await models.subscribers.collection.insertOne(whole as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  });
}

/** Updates in one statement. Each statement costs a database much more than an update, but each update carries the values of all. */
const updatesAStatement = 25;

/**
 * Writes the plans of many subscribers in one message; each has its own condition, as in `writePlan`.
 * @param beforeWrite awaited right before the message is sent
 * @returns for each whether it was written; false if another write came first
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function writePlans(
  models: StoreModels,
  writes: PlannedWrite[],
  beforeWrite?: () => void | Promise<void>,
): Promise<boolean[]> {
  if (writes.length === 0) return [];
  const operations: AnyBulkWriteOperation[] = [];
  const plans: Plan[] = [];
  for (const { plan, isNew } of writes) {
    if (isNew) operations.push({ insertOne: { document: wholeOf(plan) as never } });
    else if (hasErasure(plan.events)) operations.push({ updateOne: updateOf(plan) });
    else plans.push(plan);
  }
  for (let first = 0; first < plans.length; first += updatesAStatement)
    operations.push({ updateMany: updateOfSeveral(plans.slice(first, first + updatesAStatement)) });
  if ((await writeSubscribers(models, operations, beforeWrite)) === writes.length)
    return writes.map(() => true);
  return findWritten(models, writes);
}

/**
 * Sends conditional writes of subscribers in one message. Inserting a subscriber that exists already is not an error.
 * @param beforeWrite awaited right before the message is sent
 * @returns how many were made
 * @throws DomainError `DATABASE_AWAY`, `OUTCOME_UNKNOWN`
 */
export async function writeSubscribers(
  models: Pick<Models, 'subscribers'>,
  operations: AnyBulkWriteOperation[],
  beforeWrite?: () => void | Promise<void>,
): Promise<number> {
  // This makes the bytes of the message, before its turn: the database may still be busy with another one.
  const message = await reading(async () => {
    const bulk = models.subscribers.collection.initializeUnorderedBulkOp();
    for (const operation of operations) bulk.raw(operation);
    return bulk;
  });
  await beforeWrite?.();
  const { modifiedCount, insertedCount } = await writing(async () => {
    try {
      return await message.execute();
    } catch (error) {
      if (isOnlyDuplicates(error)) return error.result;
      throw error;
    }
  });
  return modifiedCount + insertedCount;
}

/** A bulk write returns how many were written, not which. The events themselves show it. */
async function findWritten(models: StoreModels, writes: PlannedWrite[]): Promise<boolean[]> {
  const hashes = await newestHashes(
    models,
    writes.map(({ plan }) => plan.next._id),
  );
  return Promise.all(
    writes.map(async ({ plan: { next } }) => {
      const now = hashes.get(next._id);
      if (now === undefined || now.seq < next.seq) return false;
      if (now.seq === next.seq) return now.chainHead === next.chainHead;
      return reading(() => isInHistory(models, next));
    }),
  );
}

async function newestHashes(models: StoreModels, ids: string[]) {
  const found = await reading(() =>
    models.subscribers
      .find({ _id: mongoose.trusted({ $in: ids }) }, { seq: 1, chainHead: 1 })
      .lean<Pick<Subscriber, '_id' | 'seq' | 'chainHead'>[]>(),
  );
  return new Map(found.map((one) => [one._id, one]));
}

/** Whether the last event of a write is stored, even if later events followed. */
async function isInHistory(models: StoreModels, next: SubscriberHead): Promise<boolean> {
  const found = await models.subscribers.findById(next._id, { events: 1 }).lean<Pick<Subscriber, 'events'>>();
  if (found?.events.some(({ hash }) => hash === next.chainHead)) return true;
  const archived = await models.archivedEvents.findById(archivedEventKey(next._id, next.seq)).lean();
  return archived?.event.hash === next.chainHead;
}

function wholeOf({ next, events }: Plan): Subscriber {
  return { ...next, events };
}

function updateOf({ head, next, events }: Plan) {
  const fields = fieldsOf({ head, next });
  const update = hasErasure(events)
    ? erasure(fields, events)
    : { $set: fields, $push: { events: { $each: events } } };
  return { filter: { _id: head._id as never, version: head.version }, update: update as never };
}

/** Each document gets its own values if it still has its version, and stays as it is otherwise. */
function updateOfSeveral(plans: readonly Plan[]) {
  const ids = plans.map(({ head }) => head._id);
  const own = plans.map((plan) => ({
    ...{ version: plan.head.version, fields: fieldsOf(plan), events: plan.events },
  }));
  const one = { $arrayElemAt: [{ $literal: own }, { $indexOfArray: [{ $literal: ids }, '$_id'] }] };
  const events = { $concatArrays: ['$events', '$$one.events'] };
  const after = { $mergeObjects: ['$$ROOT', '$$one.fields', { events }] };
  const chosen = { $cond: [{ $eq: ['$version', '$$one.version'] }, after, '$$ROOT'] };
  return {
    filter: { _id: { $in: ids as never[] } },
    update: [{ $replaceWith: { $let: { vars: { one }, in: chosen } } }],
  };
}

/** Each write sets a new mark: a process that cleared the old one in the meantime did not see this write. */
function fieldsOf({ head, next }: Pick<Plan, 'head' | 'next'>): Partial<SubscriberHead> {
  const { unpublished } = next;
  return { ...altered(head, next), ...(unpublished ? { unpublished } : {}) };
}

/** The fields that differ. Unchanged parts of the state are the same objects. */
function altered(head: SubscriberHead, next: SubscriberHead): Partial<SubscriberHead> {
  const before: Record<string, unknown> = { ...head };
  return Object.fromEntries(Object.entries(next).filter(([name, value]) => before[name] !== value));
}

/** Removes the free text from every event, including the new ones, in the same write. */
function erasure(fields: object, events: ConsentEvent[]): object[] {
  const added = events.map((event) => ({ ...event, detail: null }));
  const set = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { $literal: value }]));
  return [{ $set: { ...set, events: { $concatArrays: [withoutWords, { $literal: added }] } } }];
}
