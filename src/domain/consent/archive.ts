/** The archive of events: the oldest leave a document that has grown, inserted there first, removed here after. */
import type { Models } from '../../models/index.js';
import { archivedEventKey } from '../../models/archived-event.js';
import type { Subscriber } from '../../models/subscriber.js';

/** A document with more events than this is relieved of the oldest. */
export const eventCap = 40;
const keptEvents = 20;

type ArchiveModels = Pick<Models, 'subscribers' | 'archivedEvents'>;

/**
 * Moves the oldest events of one subscriber to the archive. A crash in between leaves them in both places, which the next run and
 * every reader recognise by their key; never a gap.
 * @returns how many events were moved; 0 where there was nothing to do or somebody else was quicker
 */
export async function archiveOldest(models: ArchiveModels, subscriberId: string): Promise<number> {
  const found = await models.subscribers
    .findById(subscriberId, { events: 1, version: 1 })
    .readConcern('majority')
    .lean<Pick<Subscriber, 'events' | 'version'>>();
  if (!found || found.events.length <= eventCap) return 0;
  const oldest = found.events.slice(0, found.events.length - keptEvents);
  await models.archivedEvents.collection.bulkWrite(
    oldest.map((event) => {
      const _id = archivedEventKey(subscriberId, event.seq) as never;
      return { replaceOne: { filter: { _id }, replacement: { event } as never, upsert: true } };
    }),
    { ordered: false },
  );
  const outcome = await models.subscribers.collection.updateOne(
    { _id: subscriberId as never, version: found.version },
    {
      $set: { events: found.events.slice(-keptEvents), eventCount: keptEvents },
      $inc: { version: 1 },
    },
  );
  if (outcome.matchedCount === 1) return oldest.length;
  // The write that came first may have been an erasure, and what was just copied must not outlive it.
  const now = await models.subscribers
    .findById(subscriberId, { erasedAt: 1 })
    .readConcern('majority')
    .lean<Pick<Subscriber, 'erasedAt'>>();
  if (now?.erasedAt) await eraseArchivedWords(models, subscriberId);
  return 0;
}

/** Takes the free text out of a subscriber's archived events; the chain covers its hash, so it still holds. */
export async function eraseArchivedWords(models: ArchiveModels, subscriberId: string): Promise<void> {
  await models.archivedEvents.collection.updateMany(
    { _id: { $gte: `${subscriberId}:`, $lt: `${subscriberId};` } as never },
    { $set: { 'event.detail': null } },
  );
}

/** The same for all events of a subscriber that was merged into another; nobody writes its document any more. */
export async function eraseMergedWords(models: ArchiveModels, subscriberId: string): Promise<void> {
  await models.subscribers.collection.updateOne({ _id: subscriberId as never }, [
    { $set: { events: withoutWords } },
  ]);
  await eraseArchivedWords(models, subscriberId);
}

/** For an update by pipeline: every event without its free text. */
export const withoutWords = {
  $map: { input: '$events', as: 'event', in: { $mergeObjects: ['$$event', { detail: null }] } },
};
