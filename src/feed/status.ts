/** How far behind the change feed is: for the metrics and for the doctor. */
import { buckets, findChangesAfter } from '../models/change.js';
import { readCursor } from '../models/feed-cursor.js';
import type { FeedDeps } from './contract.js';
import { followers } from './followers/registry.js';

/** In seconds; 0 if nothing is pending. */
export interface FeedStatus {
  /** Age of the oldest mark: how long the oldest unpublished write has waited. */
  unpublishedSeconds: number;
  /** By follower, the age of the oldest entry that it has not processed. */
  lagSeconds: Record<string, number>;
}

/** Reads the oldest mark, and the next entry of each follower in every bucket. */
export async function readFeedStatus({
  models,
  clock,
}: Pick<FeedDeps, 'models' | 'clock'>): Promise<FeedStatus> {
  const now = clock().getTime();
  const ageOf = (since: Date | undefined) => (since ? Math.max(0, (now - since.getTime()) / 1000) : 0);
  const marks = buckets.flatMap((bucket) =>
    [models.subscribers, models.contacts, models.unsubscribeReasons].map(async ({ collection }) => {
      // The first in the order of the index is the oldest.
      const options = { projection: { unpublished: 1 } };
      const found = await collection.findOne({ 'unpublished.bucket': bucket }, options);
      return ageOf(found?.unpublished?.since);
    }),
  );
  const lagOf = async (name: string) => {
    const ages = buckets.map(async (bucket) => {
      const number = await readCursor(models.feedCursors, name, bucket);
      const [next] = await findChangesAfter(models.changes, { bucket, number, limit: 1 });
      return ageOf(next?.publishedAt);
    });
    return [name, Math.max(...(await Promise.all(ages)))] as const;
  };
  return {
    unpublishedSeconds: Math.max(...(await Promise.all(marks))),
    lagSeconds: Object.fromEntries(await Promise.all(followers.map(({ name }) => lagOf(name)))),
  };
}
