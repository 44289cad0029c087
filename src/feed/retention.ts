/** Deletes old entries of the feed that every follower has processed. Histories are not touched. */
import mongoose from 'mongoose';
import { buckets, changeId, changeNumber, lastChangeNumber } from '../models/change.js';
import type { Bucket, Change } from '../models/change.js';
import { readCursor } from '../models/feed-cursor.js';
import type { FeedDeps } from './contract.js';
import { followers } from './followers/registry.js';

/** Minimum age of a deleted entry, in days. */
export const keptDays = 90;

const dayMs = 86_400_000;
const batchSize = 1000;

/**
 * Deletes one batch of a bucket. The newest entry is never deleted: the next one takes its number from it.
 * @returns how many entries were deleted
 */
export async function deleteOldChanges(
  { models: { changes, feedCursors }, clock }: Pick<FeedDeps, 'models' | 'clock'>,
  bucket: Bucket,
): Promise<number> {
  const places = await Promise.all(followers.map(({ name }) => readCursor(feedCursors, name, bucket)));
  const newest = await lastChangeNumber(changes, bucket, Math.max(...places));
  const slowest = Math.min(...places, newest - 1);
  const before = new Date(clock().getTime() - keptDays * dayMs);
  const oldest = await changes
    .find({ _id: mongoose.trusted({ $gte: `${bucket}:`, $lte: changeId(bucket, Math.max(0, slowest)) }) })
    .select({ publishedAt: 1 })
    .sort({ _id: 1 })
    .limit(batchSize)
    .lean<Pick<Change, '_id' | 'publishedAt'>[]>();
  const firstKept = oldest.findIndex(({ publishedAt }) => publishedAt >= before);
  const old = oldest.slice(0, firstKept === -1 ? undefined : firstKept);
  const last = old.at(-1);
  if (!last) return 0;
  const { deletedCount } = await changes.deleteMany({
    _id: mongoose.trusted({ $gte: `${bucket}:`, $lte: changeId(bucket, changeNumber(last._id)) }),
  });
  return deletedCount;
}

/** Deletes all old entries of every bucket, in batches. Several processes may do it at once. */
export async function deleteAllOldChanges(deps: Pick<FeedDeps, 'models' | 'clock'>): Promise<void> {
  for (const bucket of buckets) while ((await deleteOldChanges(deps, bucket)) > 0);
}
