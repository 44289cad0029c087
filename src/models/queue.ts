/**
 * The one durable queue. A collection whose documents have these fields is a queue: jobs and mails are two. One worker leases a due item, by the
 * database's clock. A worker that is killed loses its lease, and one that was only slow can write nothing more.
 */
import { randomUUID } from 'node:crypto';
import mongoose, { type Model } from 'mongoose';
import { isDuplicateKey, isOnlyDuplicates } from './database-fault.js';
import { afterNow } from './server-clock.js';

/** The fields of every document of a queue. */
export interface Queued {
  /** Unique key from the caller: queueing it again changes nothing. It holds no address. */
  _id: string;
  state: string;
  /** No worker takes it before this time, by the database's clock. A lease moves it to the lease's end. */
  dueAt: Date;
  /** Raised by each lease. A worker with an older number has lost the item and writes nothing more. */
  fence: number;
  attempts: number;
  /** Why the last attempt failed: codes and stages, never an address. */
  lastError: string | null;
  /** When it was queued, by the process's clock. */
  at: Date;
  endedAt: Date | null;
}

/** The definition of these fields in a mongoose schema. */
export const queuedFields = {
  _id: { type: String, required: true },
  state: { type: String, required: true },
  dueAt: { type: Date, required: true },
  fence: { type: Number, required: true },
  attempts: { type: Number, required: true },
  lastError: { type: String, default: null },
  at: { type: Date, required: true },
  endedAt: { type: Date, default: null },
} as const;

/** The fields of a newly queued item. @param dueAt at once if absent */
export function newlyQueued(id: string, now: Date, dueAt: Date = now) {
  const fields = { _id: id, dueAt, fence: 0, attempts: 0, lastError: null, at: now, endedAt: null };
  return { ...fields, state: 'QUEUED' as const };
}

/**
 * Queues an item, durably on a majority of the database's members (the connection's write concern). Repeating it is safe.
 * @returns whether it is new; false for a repeat, which is not an error
 */
export async function enqueue<T extends Queued>(
  { collection }: Pick<Model<T>, 'collection'>,
  item: T,
): Promise<{ isNew: boolean }> {
  try {
    await collection.insertOne(item as never);
    return { isNew: true };
  } catch (error) {
    if (isDuplicateKey(error)) return { isNew: false };
    throw error;
  }
}

/** Queues many in one message. Items that were queued before are skipped, which is not an error. */
export async function enqueueAll<T extends Queued>(
  { collection }: Pick<Model<T>, 'collection'>,
  items: readonly T[],
): Promise<void> {
  if (items.length === 0) return;
  try {
    await collection.insertMany(items as never, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

/**
 * Leases the item that has been due longest, in one atomic write, so two workers never get the same. The condition has plain fields and no
 * expression, since the embedded database reads the whole collection for an expression.
 * @param which states, priority and other conditions on the items
 * @param lease `now` is the database's time; `leaseMs` is how long the worker has it without a heartbeat; `set` is written with the lease
 */
export async function leaseDue<T extends Queued>(
  model: Model<T>,
  which: object,
  lease: { now: Date; leaseMs: number; set?: object },
): Promise<T | null> {
  return model
    .findOneAndUpdate(
      { ...which, dueAt: mongoose.trusted({ $lte: lease.now }) },
      [{ $set: { dueAt: afterNow(lease.leaseMs), fence: { $add: ['$fence', 1] }, ...lease.set } }],
      { sort: { dueAt: 1 }, returnDocument: 'after', updatePipeline: true },
    )
    .lean<T>();
}

/**
 * Leases several due items with one update, for queues whose items are small. Two workers never get the same.
 * @param lease `now` is the database's time
 * @returns in no order
 */
export async function leaseSeveral<T extends Queued & { leasedBy: string | null }>(
  model: Model<T>,
  which: object,
  { now, leaseMs, limit, sort }: { now: Date; leaseMs: number; limit: number; sort: Record<string, 1> },
): Promise<T[]> {
  const due = { ...which, dueAt: mongoose.trusted({ $lte: now }) };
  const found = await model.find(due, { _id: 1 }).sort(sort).limit(limit).lean<Pick<T, '_id'>[]>();
  if (found.length === 0) return [];
  const _id = mongoose.trusted({ $in: found.map((one) => one._id) });
  const leasedBy = randomUUID();
  const set = { dueAt: afterNow(leaseMs), fence: { $add: ['$fence', 1] }, leasedBy };
  await model.updateMany({ ...due, _id }, [{ $set: set }], { updatePipeline: true });
  const leased = await model.find({ _id }).batchSize(limit).lean<T[]>();
  return leased.filter((one) => one.leasedBy === leasedBy);
}

/** An item that a worker holds: its id and fence. */
type Held = Pick<Queued, '_id' | 'fence'>;

/**
 * Writes if this worker still holds the item.
 * @param fields expressions of an update pipeline; text from elsewhere goes into `$literal`
 * @param where further conditions
 * @returns false if the item has been lost
 */
export async function writeHeld<T extends Queued>(
  model: Model<T>,
  { _id, fence }: Held,
  fields: object,
  where: object = {},
): Promise<boolean> {
  const result = await model.updateOne({ _id, fence, ...where }, [{ $set: fields }], {
    updatePipeline: true,
  });
  return result.matchedCount === 1;
}

/**
 * The fields that put an item back for any worker.
 * @param again delay in milliseconds, attempts so far, and the reason
 */
export function queuedAgain(again: { delayMs: number; attempts: number; reason: string | null }): object {
  return {
    state: 'QUEUED',
    dueAt: afterNow(again.delayMs),
    // A worker that was only slow may put back an item that was ended as abandoned.
    endedAt: null,
    attempts: again.attempts,
    lastError: { $literal: again.reason },
  };
}

/** The fields that end an item. */
export function endedAs(state: string, reason: string | null): object {
  return { state, endedAt: '$$NOW', lastError: { $literal: reason } };
}

/**
 * Ends items whether or not a worker holds them: the fence is raised, so that worker writes nothing more.
 * @param end without a reason, that of the last attempt stays
 * @returns how many there were
 */
export async function takeAway<T extends Queued>(
  model: Model<T>,
  which: object,
  end: { state: string; reason?: string },
): Promise<number> {
  const reason = end.reason === undefined ? '$lastError' : { $literal: end.reason };
  const fields = { state: end.state, endedAt: '$$NOW', lastError: reason, fence: { $add: ['$fence', 1] } };
  const result = await model.updateMany(which, [{ $set: fields }], { updatePipeline: true });
  return result.modifiedCount;
}
