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

/**
 * Followers go through the same entries, so a full batch is read once for all of them. A batch that may have grown since is read again.
 * @param options.keepsAll also keeps a batch that may have grown: what was written since is not asked for
 */
export function openReader(
  { models }: Pick<FeedDeps, 'models'>,
  bucket: Bucket,
  { keepsAll = false } = {},
): ReadEntries {
  let kept: { number: number; entries: readonly Change[] }[] = [];
  return async (number) => {
    const known = kept.find((batch) => batch.number === number);
    if (known) return known.entries;
    const entries = await findChangesAfter(models.changes, { bucket, number, limit: batchSize });
    const isKept = keepsAll || entries.length === batchSize;
    kept = isKept ? [{ number, entries }, ...kept].slice(0, keptBatches) : [];
    return entries;
  };
}

/** One batch of one bucket, after the follower's cursor. Otherwise as `followFrom`. @returns how many entries the follower processed */
export async function followOnce(
  deps: FeedDeps,
  follower: Follower,
  bucket: Bucket,
  read = openReader(deps, bucket),
): Promise<number> {
  const number = await readCursor(deps.models.feedCursors, follower.name, bucket);
  return (await followFrom(deps, follower, { bucket, number, read })).count;
}

/**
 * One batch of one bucket.
 * @param from.number of the last entry that the follower has processed
 * @param from.read of the same bucket
 * @returns the count of entries that the follower processed, and the number of the last one. If the count is 0, it is up to date
 * @throws the follower's error: its cursor stays, and the same entries come again
 */
export async function followFrom(
  deps: FeedDeps,
  follower: Follower,
  { bucket, number, read }: { bucket: Bucket; number: number; read: ReadEntries },
): Promise<{ count: number; number: number }> {
  const entries = await read(number);
  const last = entries.at(-1);
  if (!last) return { count: 0, number };
  await follower.follow(deps, entries, bucket);
  const reached = changeNumber(last._id);
  await moveCursor(deps.models.feedCursors, follower.name, bucket, reached);
  return { count: entries.length, number: reached };
}
