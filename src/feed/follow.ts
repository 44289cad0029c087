/** Followers of the feed. Each reads the entries after its cursor, processes them, and only then moves the cursor. */
import { changeNumber, findChangesAfter } from '../models/change.js';
import type { Bucket, Change } from '../models/change.js';
import { moveCursor, readCursor } from '../models/feed-cursor.js';
import type { FeedDeps, Follower } from './contract.js';

const batchSize = 500;
/** Full batches that are kept for the other followers, which are at most so far apart while all of them work off a backlog. */
const keptBatches = 2;

/** Reads the entries of a bucket after a number. */
export type ReadEntries = (number: number) => Promise<readonly Change[]>;

/** Followers go through the same entries, so a full batch is read once for all of them. A batch that may have grown since is read again. */
export function openReader({ models }: Pick<FeedDeps, 'models'>, bucket: Bucket): ReadEntries {
  let kept: { number: number; entries: readonly Change[] }[] = [];
  return async (number) => {
    const known = kept.find((batch) => batch.number === number);
    if (known) return known.entries;
    const entries = await findChangesAfter(models.changes, { bucket, number, limit: batchSize });
    kept = entries.length === batchSize ? [{ number, entries }, ...kept].slice(0, keptBatches) : [];
    return entries;
  };
}

/**
 * One batch of one bucket.
 * @param read of the same bucket
 * @returns how many entries the follower processed; 0 means that it is up to date
 * @throws the follower's error: its cursor stays, and the same entries come again
 */
export async function followOnce(
  deps: FeedDeps,
  follower: Follower,
  bucket: Bucket,
  read = openReader(deps, bucket),
): Promise<number> {
  const { feedCursors } = deps.models;
  const entries = await read(await readCursor(feedCursors, follower.name, bucket));
  const last = entries.at(-1);
  if (!last) return 0;
  await follower.follow(deps, entries, bucket);
  await moveCursor(feedCursors, follower.name, bucket, changeNumber(last._id));
  return entries.length;
}
