/** Followers of the feed. Each reads the entries after its cursor, processes them, and only then moves the cursor. */
import { changeNumber, findChangesAfter } from '../models/change.js';
import type { Bucket } from '../models/change.js';
import { moveCursor, readCursor } from '../models/feed-cursor.js';
import type { FeedDeps, Follower } from './contract.js';

const batchSize = 500;

/**
 * One batch of one bucket.
 * @returns how many entries the follower processed; 0 means that it is up to date
 * @throws the follower's error: its cursor stays, and the same entries come again
 */
export async function followOnce(deps: FeedDeps, follower: Follower, bucket: Bucket): Promise<number> {
  const { changes, feedCursors } = deps.models;
  const number = await readCursor(feedCursors, follower.name, bucket);
  const entries = await findChangesAfter(changes, { bucket, number, limit: batchSize });
  const last = entries.at(-1);
  if (!last) return 0;
  await follower.follow(deps, entries, bucket);
  await moveCursor(feedCursors, follower.name, bucket, changeNumber(last._id));
  return entries.length;
}
