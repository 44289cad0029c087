/** Reads of subscribers, for pages, rules and eligibility. */
import mongoose from 'mongoose';
import { rawCollectionOf } from './raw-collection.js';
import { oneOrIn, sharedRead } from './shared-read.js';
import type { Subscriber, SubscriberHead, SubscriberModel } from './subscriber.js';

const findHead = sharedRead(readHeads);

/**
 * Reads one subscriber without its events, from a majority of the members. It is also found by the id of a merged spelling of its address, which old
 * links carry.
 */
export async function findSubscriber(model: SubscriberModel, id: string): Promise<SubscriberHead | null> {
  const head = await findHead(model, id);
  return head?.mergedInto ? findSubscriber(model, head.mergedInto) : head;
}

function readHeads(model: SubscriberModel, ids: string[]): Promise<SubscriberHead[]> {
  return (
    rawCollectionOf(model)
      .find({ _id: oneOrIn(ids) }, { projection: { events: 0 } })
      // One more than possible, so that the server does not need to keep a cursor.
      .batchSize(ids.length + 1)
      .toArray()
  );
}

/** The read of `findSubscriber` for many at once, by id; all in one answer. */
export async function findSubscribers(
  model: SubscriberModel,
  ids: string[],
): Promise<Map<string, SubscriberHead>> {
  return followed(ids, (wanted) =>
    model
      .find({ _id: mongoose.trusted({ $in: wanted }) }, { events: 0 })
      .batchSize(wanted.length + 1)
      .lean<SubscriberHead[]>(),
  );
}

/** The read of `findSubscribers` including their events. */
export async function findWholeSubscribers(
  model: SubscriberModel,
  ids: string[],
): Promise<Map<string, Subscriber>> {
  return followed(ids, (wanted) =>
    model
      .find({ _id: mongoose.trusted({ $in: wanted }) })
      .batchSize(wanted.length + 1)
      .lean<Subscriber[]>(),
  );
}

/** By the requested ids. For a merged spelling of an address, the subscriber that it was merged into. */
async function followed<T extends Pick<Subscriber, '_id' | 'mergedInto'>>(
  ids: string[],
  read: (ids: string[]) => Promise<T[]>,
): Promise<Map<string, T>> {
  if (ids.length === 0) return new Map();
  const found = await read(ids);
  const merged = found.flatMap(({ mergedInto }) => mergedInto ?? []);
  const into = merged.length > 0 ? await followed(merged, read) : null;
  return new Map(
    found.flatMap((one): [string, T][] => {
      const target = one.mergedInto ? into?.get(one.mergedInto) : one;
      return target ? [[one._id, target]] : [];
    }),
  );
}
