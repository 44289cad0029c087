/** The read of pages, rules and eligibility. Concurrent callers share a command (decision 0130). */
import mongoose from 'mongoose';
import { mayGoTogether, rawCollectionOf } from './raw-collection.js';
import type { Contact } from './contact.js';
import type { Subscriber, SubscriberHead, SubscriberModel } from './subscriber.js';
import { together } from './batching.js';

const lanes = 2;

/** What of a contact decides whether its addresses get marketing mail. */
type Owner = Pick<Contact, 'isMarketing' | 'unitIds'>;
export interface OwnedHead extends SubscriberHead {
  /** The contact that has the address; empty if there is none. One that is being created, or was deleted, has no business units. */
  owners: Owner[];
}

/**
 * Reads one subscriber without its events, from a majority of the members. It is also found by the id of a merged spelling of its address, which old
 * links carry.
 */
export const findSubscriber = shared(readHeads);

/** The same with its contact, in one command, so that neither is older than the question. */
export const findOwned = shared(readOwned);

/** Makes the read of one from the read of several. */
function shared<Head extends SubscriberHead>(
  read: (model: SubscriberModel, ids: string[]) => Promise<Head[]>,
): (model: SubscriberModel, id: string) => Promise<Head | null> {
  const finders = new WeakMap<SubscriberModel, (id: string) => Promise<Head | null>>();
  const finderOf = (model: SubscriberModel) => {
    const find = together<string, Head | null>({
      lanes,
      async run(ids) {
        const heads = new Map((await read(model, ids)).map((head) => [head._id, head]));
        return ids.map((id) => ({ result: heads.get(id) ?? null }));
      },
    });
    finders.set(model, find);
    return find;
  };
  return async function find(model: SubscriberModel, id: string): Promise<Head | null> {
    const head = (await mayGoTogether(model))
      ? await (finders.get(model) ?? finderOf(model))(id)
      : ((await read(model, [id]))[0] ?? null);
    return head?.mergedInto ? find(model, head.mergedInto) : head;
  };
}

function readHeads(model: SubscriberModel, ids: string[]): Promise<SubscriberHead[]> {
  return (
    rawCollectionOf(model)
      .find(withIds(ids), { projection: { events: 0 } })
      // One more than possible, so that the server does not need to keep a cursor.
      .batchSize(ids.length + 1)
      .toArray()
  );
}

function readOwned(model: SubscriberModel, ids: string[]): Promise<OwnedHead[]> {
  const owner = { isMarketing: '$$one.isMarketing', unitIds: '$$one.unitIds' };
  const stages = [
    { $match: withIds(ids) },
    { $project: { events: 0 } },
    // Without a pipeline of its own: with one, the embedded database reads all contacts.
    { $lookup: { from: 'contacts', localField: 'contactId', foreignField: '_id', as: 'owners' } },
    { $set: { owners: { $map: { input: '$owners', as: 'one', in: owner } } } },
  ];
  return rawCollectionOf(model)
    .aggregate<OwnedHead>(stages, { batchSize: ids.length + 1 })
    .toArray();
}

function withIds(ids: string[]) {
  const [first = ''] = ids;
  return { _id: ids.length === 1 ? first : { $in: ids } };
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

/** The read of `findOwned` for many at once. */
export async function findManyOwned(model: SubscriberModel, ids: string[]): Promise<Map<string, OwnedHead>> {
  return followed(ids, (wanted) => readOwned(model, wanted));
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
