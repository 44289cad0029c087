/** Makes sure that every recipient of a batch of links has a document, with one read and at most one write. */
import type { Models } from '../../models/index.js';
import { isOnlyDuplicates } from '../../models/database-fault.js';
import { rawCollectionOf } from '../../models/raw-collection.js';
import { newSubscriber, type Subscriber } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';
import { findOtherSpelling, type MergeDeps } from '../consent/merge-subscribers.js';
import type { Destination } from './recipient.js';

/** The fields of a subscriber that a link needs. */
export interface KnownSubscriber {
  epoch: number;
  locale: string | null;
}

type Row = Pick<Subscriber, '_id' | 'epoch' | 'address' | 'locale'>;

/**
 * Reads the subscribers of a batch, and creates missing ones. An erased address is stored again, since a contact has it anew. Its opt-outs were kept
 * under its id.
 * @returns the subscribers, by id
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function findOrMakeSubscribers(
  deps: MergeDeps,
  destinations: readonly Destination[],
): Promise<Map<string, KnownSubscriber>> {
  const wanted = new Map(destinations.map((destination) => [destination.subscriberId, destination]));
  if (wanted.size === 0) return new Map();
  const rows = await reading(() =>
    rawCollectionOf(deps.models.subscribers)
      .find<Row>(
        { _id: { $in: [...wanted.keys()] } },
        {
          projection: { epoch: 1, address: 1, locale: 1 },
        },
      )
      // One more than possible, so that all come in one batch of the cursor.
      .batchSize(wanted.size + 1)
      .toArray(),
  );
  const known = new Map<string, KnownSubscriber>();
  const nameless: Destination[] = [];
  for (const row of rows) {
    const destination = wanted.get(row._id);
    if (destination && row.address === null) nameless.push(destination);
    known.set(row._id, { epoch: row.epoch, locale: row.locale });
  }
  const missing: Destination[] = [];
  for (const destination of wanted.values()) {
    if (known.has(destination.subscriberId)) continue;
    const head = await findOtherSpelling(deps, destination);
    if (!head) missing.push(destination);
    else known.set(head._id, { epoch: head.epoch, locale: head.locale });
    if (head?.address === null) nameless.push(destination);
  }
  if (missing.length + nameless.length > 0) await write(deps, missing, nameless);
  for (const { subscriberId } of missing) known.set(subscriberId, { epoch: 0, locale: null });
  return known;
}

async function write(
  { models, clock }: { models: Pick<Models, 'subscribers'>; clock: () => Date },
  missing: readonly Destination[],
  nameless: readonly Destination[],
): Promise<void> {
  const now = clock();
  const inserts = missing.map(({ subscriberId, channel, address }) => ({
    insertOne: { document: newSubscriber(subscriberId, channel, address, now) },
  }));
  // Only missing addresses, even if another process stored one in the meantime.
  const updates = nameless.map(({ subscriberId, address }) => ({
    updateOne: { filter: { _id: subscriberId, address: null }, update: { $set: { address } } },
  }));
  try {
    await writing(() =>
      rawCollectionOf(models.subscribers).bulkWrite([...inserts, ...updates], { ordered: false }),
    );
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    // Another process created them in the meantime. They are new, so they have the first link epoch too.
  }
}
