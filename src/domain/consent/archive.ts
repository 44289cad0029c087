/**
 * The archive of events. When a document has grown, its oldest events are first inserted into the archive and then
 * removed from the document.
 */
import type { Models } from '../../models/index.js';
import { archivedEventKey } from '../../models/archived-event.js';
import type { Subscriber } from '../../models/subscriber.js';

/** A document with more events than this moves its oldest ones to the archive. */
export const eventCap = 40;
const keptEvents = 20;

type ArchiveModels = Pick<Models, 'subscribers' | 'archivedEvents'>;

/**
 * Moves the oldest events of one subscriber to the archive. A crash in between leaves them in both places, never in
 * neither. The next run and every reader recognise duplicates by their key.
 */
export async function archiveOldest(models: ArchiveModels, subscriberId: string): Promise<number> {
  const found = await models.subscribers
    .findById(subscriberId, { events: 1, version: 1 })
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
  // The competing write may have been an erasure, and the copied events must not outlive it.
  const now = await models.subscribers
    .findById(subscriberId, { erasedAt: 1 })
    .lean<Pick<Subscriber, 'erasedAt'>>();
  if (now?.erasedAt) await eraseArchivedWords(models, subscriberId);
  return 0;
}

/** Removes the free text from a subscriber's archived events. The chain covers the text's hash, so it stays valid. */
export async function eraseArchivedWords(models: ArchiveModels, subscriberId: string): Promise<void> {
  await models.archivedEvents.collection.updateMany(
    { _id: { $gte: `${subscriberId}:`, $lt: `${subscriberId};` } as never },
    { $set: { 'event.detail': null } },
  );
}

/** The same for all events of a subscriber that was merged into another. Nothing writes to its document any more. */
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
