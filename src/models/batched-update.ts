/** The conditional write of a subscriber. Concurrent writes share a command, and each gets its own outcome (decision 0130). */
import type { Collection, Document } from 'mongodb';
import { isDatabaseFault } from './database-fault.js';
import { mayGoTogether, rawCollectionOf } from './raw-collection.js';
import type { Subscriber, SubscriberModel } from './subscriber.js';
import { together, type Answer } from './batching.js';

/** One write, on the condition that the document still has this version. */
export interface ConditionalUpdate {
  id: string;
  version: number;
  /** Operators, or a pipeline. */
  update: Document | Document[];
  /** Hash of the last event that it adds: only this write puts it into the document. */
  mark: string;
}

/** One command at a time: the writes that come meanwhile share the next one, and a commit costs much more than a write in it. */
const lanes = 1;
const updaters = new WeakMap<SubscriberModel, (update: ConditionalUpdate) => Promise<boolean>>();

/**
 * Writes, durably on a majority.
 * @returns false if the version has changed: nothing was written
 * @throws the driver's error; after a database fault it is unknown whether the write was stored
 */
export async function updateTogether(model: SubscriberModel, update: ConditionalUpdate): Promise<boolean> {
  if (!(await mayGoTogether(model))) return updateAlone(rawCollectionOf(model), update);
  const write = updaters.get(model) ?? updaterOf(model);
  return write(update);
}

function updaterOf(model: SubscriberModel) {
  const write = together<ConditionalUpdate, boolean>({
    lanes,
    keyOf: ({ id }) => id,
    run: (updates) => updateAll(rawCollectionOf(model), updates),
  });
  updaters.set(model, write);
  return write;
}

async function updateAll(
  collection: Collection<Subscriber>,
  updates: ConditionalUpdate[],
): Promise<Answer<boolean>[]> {
  const [first] = updates;
  if (first && updates.length === 1) return [{ result: await updateAlone(collection, first) }];
  try {
    const { matchedCount } = await collection.bulkWrite(
      updates.map((one) => ({ updateOne: { filter: filterOf(one), update: one.update } })),
      { ordered: false },
    );
    if (matchedCount === updates.length) return updates.map(() => ({ result: true }));
  } catch (error) {
    if (isDatabaseFault(error)) throw error;
    // A write that no server accepts, such as a document that grew too large, must not fail the others.
  }
  // The server returns how many it matched, but not which.
  return Promise.all(updates.map((one) => settle(collection, one)));
}

/** The outcome of one write of several: its mark is stored, or it is retried alone, which matches nothing if another write came first. */
async function settle(
  collection: Collection<Subscriber>,
  update: ConditionalUpdate,
): Promise<Answer<boolean>> {
  try {
    return { result: (await isWritten(collection, update)) || (await updateAlone(collection, update)) };
  } catch (error) {
    return { error };
  }
}

/** Also checks the events, since another write may have followed. The newest events are never in the archive. */
async function isWritten(
  collection: Collection<Subscriber>,
  { id, mark }: ConditionalUpdate,
): Promise<boolean> {
  const found = await collection.findOne({ _id: id }, { projection: { chainHead: 1, 'events.hash': 1 } });
  return found?.chainHead === mark || found?.events.some(({ hash }) => hash === mark) === true;
}

async function updateAlone(collection: Collection<Subscriber>, update: ConditionalUpdate): Promise<boolean> {
  const { matchedCount } = await collection.updateOne(filterOf(update), update.update);
  return matchedCount === 1;
}

function filterOf({ id, version }: ConditionalUpdate): { _id: string; version: number } {
  return { _id: id, version };
}
