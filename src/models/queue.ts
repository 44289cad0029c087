/**
 * The one durable queue. A collection whose documents have these fields is a queue: jobs and mails are two. Work that is due is leased by
 * one worker, by the database's clock; a worker that dies loses its lease, and one that was only slow can write nothing more.
 */
import mongoose from 'mongoose';
import type { Model } from 'mongoose';
import { isDuplicateKey, isOnlyDuplicates } from './database-fault.js';
import { afterNow } from './server-clock.js';

/** What every document of a queue has. */
export interface Queued {
  /** Unique key that the caller chooses: queueing it again changes nothing. Holds no address. */
  _id: string;
  state: string;
  /** No worker takes it before this time, by the database's clock. A lease moves it to the lease's end. */
  dueAt: Date;
  /** Raised by each lease; a worker with an older number has lost the item and writes nothing more. */
  fence: number;
  attempts: number;
  /** Why the last attempt broke off: codes and stages, never an address. */
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

/** The fields of an item that has just been queued. @param dueAt at once where absent */
export function newlyQueued(id: string, now: Date, dueAt: Date = now) {
  const fields = { _id: id, dueAt, fence: 0, attempts: 0, lastError: null, at: now, endedAt: null };
  return { ...fields, state: 'QUEUED' as const };
}

/**
 * Queues an item, durably on a majority of the database's members (the connection's write concern); safe to repeat.
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

/** Queues many in one message. Those that were queued before are not queued again, which is not an error. */
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
 * Leases the item that has been due longest: one atomic write, so two workers never get the same. The condition has plain fields and no
 * expression, because the embedded database reads the whole collection for an expression.
 * @param which states, priority and the like of the items in question
 * @param lease `now` is the database's present; `leaseMs` is how long the worker has it without a heartbeat; `set` is written with the lease
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

/** An item as a worker holds it: by its number. */
type Held = Pick<Queued, '_id' | 'fence'>;

/**
 * Writes on condition that the item is still this worker's.
 * @param fields expressions of an update pipeline; a text that is not ours goes into `$literal`
 * @param where further conditions
 * @returns false where the item has been lost
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
 * The fields that put an item back, for any worker to take up.
 * @param again when, in milliseconds from now; how many attempts that makes; and why
 */
export function queuedAgain(again: { delayMs: number; attempts: number; reason: string | null }): object {
  return {
    state: 'QUEUED',
    dueAt: afterNow(again.delayMs),
    // A worker that was only slow may put back what was ended as abandoned.
    endedAt: null,
    attempts: again.attempts,
    lastError: { $literal: again.reason },
  };
}

/** The fields that end an item for good. */
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
