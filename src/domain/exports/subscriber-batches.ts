/** Reads all subscribers in batches, in the order of their ids, and what a scope sees of them. */
import mongoose from 'mongoose';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { isAnyInScope, isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading } from '../consent/durability.js';

const batchSize = 500;

/** The contact of an address, as far as it is within a scope. */
export type Owner = Pick<Contact, '_id' | 'unitIds'>;

export interface SubscriberBatch<Field extends keyof Subscriber> {
  subscribers: Pick<Subscriber, Field | '_id'>[];
  /** By contact id: only contacts within the scope. */
  owners: ReadonlyMap<string, Owner>;
  place: string;
}

/** From this number of subscribers on, they are read by several cursors. */
const manyFrom = 10_000;
/** Where one range of ids ends and the next one begins: ids are in base64url, so each begins with one of these characters. */
const ends = [...'-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'];

/**
 * A cursor over the collection, which is read only as fast as the batches are used. Many subscribers are read by one cursor for each range: some
 * databases read everything that a cursor finds before their first answer, and this took longer than an answer may.
 * @param wanted `fields` are those that are read; `many` is from how many subscribers on they are read in ranges
 */
export async function* subscriberBatches<Field extends keyof Subscriber>(
  models: Pick<Models, 'subscribers' | 'contacts'>,
  wanted: { scope: Scope; after: string | null; fields: readonly (Field | 'contactId')[]; many?: number },
): AsyncGenerator<SubscriberBatch<Field | 'contactId'>> {
  const { scope, after, fields, many = manyFrom } = wanted;
  const isMany = (await countSubscribers(models)) >= many;
  const projection = Object.fromEntries(fields.map((field) => [field, 1]));
  let from = after ?? '';
  for (const end of [...(isMany ? ends : []), null]) {
    if (end !== null && end <= from) continue;
    const range = { $gt: from, ...(end === null ? {} : { $lt: end }) };
    const cursor = models.subscribers.collection.find<Pick<Subscriber, Field | 'contactId' | '_id'>>(
      { _id: range as never },
      { projection, sort: { _id: 1 }, batchSize },
    );
    try {
      while (await cursor.hasNext()) {
        const subscribers = cursor.readBufferedDocuments();
        const owners = await ownersOf(models, subscribers, scope);
        from = subscribers.at(-1)?._id ?? from;
        yield { subscribers, owners, place: from };
      }
    } finally {
      await cursor.close();
    }
  }
}

async function ownersOf(
  { contacts }: Pick<Models, 'contacts'>,
  subscribers: readonly Pick<Subscriber, 'contactId'>[],
  scope: Scope,
): Promise<ReadonlyMap<string, Owner>> {
  const ids = [...new Set(subscribers.flatMap(({ contactId }) => contactId ?? []))];
  if (ids.length === 0) return new Map();
  const found = await reading(() =>
    contacts
      .find({ _id: mongoose.trusted({ $in: ids }) }, { unitIds: 1, blankUntil: 1, isDeleted: 1 })
      .batchSize(ids.length + 1)
      .lean<(Owner & Pick<Contact, 'blankUntil' | 'isDeleted'>)[]>(),
  );
  return new Map(
    found
      .filter((one) => !one.blankUntil && !one.isDeleted && isAnyInScope(scope, one.unitIds))
      .map((owner) => [owner._id, owner]),
  );
}

/**
 * Whether users with this scope see what concerns the whole account, such as a bounce: only if the address has something to do with one of their
 * units. Otherwise an export would list other units' addresses.
 */
export function isKnownWithin(
  scope: Scope,
  subscriber: Pick<Subscriber, 'contactId' | 'subscriptions' | 'optOuts'>,
  owners: ReadonlyMap<string, Owner>,
  { types }: Pick<Catalogue, 'types'>,
): boolean {
  if (scope === null || owners.has(subscriber.contactId ?? '')) return true;
  const { subscriptions, optOuts } = subscriber;
  const typeIds = [...Object.keys(subscriptions), ...Object.keys(optOuts.types)];
  const unitIds = [
    ...Object.keys(optOuts.units).map(Number),
    ...typeIds.flatMap((id) => types.get(Number(id))?.unitId ?? []),
  ];
  return unitIds.some((unitId) => isInScope(scope, unitId));
}

/** The estimated number of subscribers. */
export async function countSubscribers({ subscribers }: Pick<Models, 'subscribers'>): Promise<number> {
  return reading(() => subscribers.estimatedDocumentCount());
}
