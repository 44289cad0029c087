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

export interface SubscriberBatch<Document> {
  subscribers: Document[];
  /** By contact id: only contacts within the scope. */
  owners: ReadonlyMap<string, Owner>;
  place: string;
}

/**
 * One cursor over the collection, which is read only as fast as the batches are used.
 * @param wanted `without` are fields that are not read
 */
export async function* subscriberBatches(
  models: Pick<Models, 'subscribers' | 'contacts'>,
  wanted: { scope: Scope; after: string | null; without: readonly (keyof Subscriber)[] },
): AsyncGenerator<SubscriberBatch<Subscriber>> {
  const cursor = models.subscribers
    .find(
      { _id: mongoose.trusted({ $gt: wanted.after ?? '' }) },
      Object.fromEntries(wanted.without.map((field) => [field, 0])),
    )
    .sort({ _id: 1 })
    .lean<Subscriber[]>()
    .cursor({ batchSize });
  let subscribers: Subscriber[] = [];
  const batch = async () => ({
    subscribers,
    owners: await ownersOf(models, subscribers, wanted.scope),
    place: subscribers.at(-1)?._id ?? '',
  });
  for await (const subscriber of cursor) {
    subscribers.push(subscriber);
    if (subscribers.length < batchSize) continue;
    yield await batch();
    subscribers = [];
  }
  if (subscribers.length > 0) yield await batch();
}

async function ownersOf(
  { contacts }: Pick<Models, 'contacts'>,
  subscribers: readonly Subscriber[],
  scope: Scope,
): Promise<ReadonlyMap<string, Owner>> {
  const ids = [...new Set(subscribers.flatMap(({ contactId }) => contactId ?? []))];
  if (ids.length === 0) return new Map();
  const found = await reading(() =>
    contacts
      .find({ _id: mongoose.trusted({ $in: ids }), blankUntil: null, isDeleted: null }, { unitIds: 1 })
      .lean<Owner[]>(),
  );
  return new Map(
    found.filter(({ unitIds }) => isAnyInScope(scope, unitIds)).map((owner) => [owner._id, owner]),
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
