/** The conditional write of a subscriber: writes that come at the same time share a command, and each learns what became of its own (decision 0130). */
import type { Collection, Document } from 'mongodb';
import { isDatabaseFault } from './database-fault.js';
import { mayGoTogether, rawCollectionOf } from './raw-collection.js';
import type { Subscriber, SubscriberModel } from './subscriber.js';
import { together } from './together.js';
import type { Answer } from './together.js';

/** One write on the condition that the document still has this version. */
export interface ConditionalUpdate {
  id: string;
  version: number;
  /** Operators, or a pipeline. */
  update: Document | Document[];
  /** Hash of the last event that it adds: nothing but this very write puts it into the document. */
  mark: string;
}

const lanes = 2;
const updaters = new WeakMap<SubscriberModel, (update: ConditionalUpdate) => Promise<boolean>>();

/**
 * Writes, durably on a majority.
 * @returns false where the version has moved on: nothing was written
 * @throws what the driver throws; where that is a fault of the database, nobody knows whether it was written
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
    // One that no server takes, such as a document grown too large, must not cost the others theirs.
  }
  // The server counts what it found, and does not say which.
  return Promise.all(updates.map((one) => settle(collection, one)));
}

/** What became of one of several: its mark is there, or it is tried by itself, which finds nothing where somebody else was quicker. */
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

/** Looks among the events too, since another write may have come upon this one; the newest are never in the archive. */
async function isWritten(
  collection: Collection<Subscriber>,
  { id, mark }: ConditionalUpdate,
): Promise<boolean> {
  const found = await collection.findOne(
    { _id: id },
    {
      projection: { chainHead: 1, 'events.hash': 1 },
      readPreference: 'primary',
      readConcern: { level: 'majority' },
    },
  );
  return found?.chainHead === mark || found?.events.some(({ hash }) => hash === mark) === true;
}

async function updateAlone(collection: Collection<Subscriber>, update: ConditionalUpdate): Promise<boolean> {
  const { matchedCount } = await collection.updateOne(filterOf(update), update.update);
  return matchedCount === 1;
}

function filterOf({ id, version }: ConditionalUpdate): { _id: string; version: number } {
  return { _id: id, version };
}
