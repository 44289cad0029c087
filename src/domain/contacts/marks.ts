/** Marks on subscribers whose contact's facets are yet to follow: cleared only where nothing was written after what was followed. */
import type { Models } from '../../models/index.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { writing } from '../consent/durability.js';

/**
 * Clears the marks of subscribers whose facets have been written as these heads have it.
 * @returns true where none of them has moved on since
 */
export async function clearMarks(
  { models }: { models: Pick<Models, 'subscribers'> },
  heads: readonly Pick<SubscriberHead, '_id' | 'version' | 'isUnprojected'>[],
): Promise<boolean> {
  const marked = heads.filter(({ isUnprojected }) => isUnprojected);
  if (marked.length === 0) return true;
  const outcome = await writing(() =>
    models.subscribers.collection.bulkWrite(
      marked.map(({ _id, version }) => ({
        updateOne: { filter: { _id: _id as never, version }, update: { $unset: { isUnprojected: '' } } },
      })),
      { ordered: false },
    ),
  );
  return outcome.matchedCount === marked.length;
}
