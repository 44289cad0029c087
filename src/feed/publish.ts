/**
 * The publisher: copies the entries of marked documents into the feed, then clears their marks.
 *
 * An entry can only be appended directly after the last one, since `_id` is unique and a batch is inserted in order. So a bucket's numbers have no
 * gaps, become visible in order, and a cursor never skips an entry. A publisher that has lost its lease cannot append after entries that it has not
 * read: the unique number is the fence.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { changeId, lastChangeNumber } from '../models/change.js';
import type { Bucket, NewChange } from '../models/change.js';
import { isOnlyDuplicates } from '../models/database-fault.js';
import { readCursor } from '../models/feed-cursor.js';
import type { FeedDeps } from './contract.js';
import { followers } from './followers/registry.js';
import { outboxes } from './outboxes.js';

const mostAttempts = 40;

/**
 * Publishes one batch of each kind of document. Repeating it, also in two processes at once, adds nothing twice.
 * @returns how many documents were marked; 0 means that everything is published
 * @throws database errors; all marks that were not cleared are still there
 */
export async function publishMarked(deps: FeedDeps, bucket: Bucket): Promise<number> {
  let marked = 0;
  for (const outbox of outboxes) {
    const { entries, count, clear } = await outbox(deps, bucket);
    await append(deps, bucket, entries);
    await clear();
    marked += count;
  }
  return marked;
}

/** Appends the entries that are not in the feed yet. Another publisher may have appended some of them, or others. */
async function append(
  { models: { changes, feedCursors }, clock }: FeedDeps,
  bucket: Bucket,
  entries: readonly NewChange[],
): Promise<void> {
  if (entries.length === 0) return;
  const keys = entries.map(({ key }) => key);
  const places = await Promise.all(followers.map(({ name }) => readCursor(feedCursors, name, bucket)));
  for (let attempt = 1; ; attempt++) {
    const [known, last] = await Promise.all([
      changes
        .find({ key: mongoose.trusted({ $in: keys }) }, { key: 1 })
        .read('primary')
        .readConcern('majority')
        .lean<Pick<NewChange, 'key'>[]>(),
      lastChangeNumber(changes, bucket, Math.max(...places)),
    ]);
    const published = new Set(known.map(({ key }) => key));
    const publishedAt = clock();
    const fresh = entries
      .filter(({ key }) => !published.has(key))
      .map((entry, at) => ({ _id: changeId(bucket, last + 1 + at), ...entry, publishedAt }));
    if (fresh.length === 0) return;
    try {
      await changes.collection.insertMany(fresh as never[], { ordered: true });
      return;
    } catch (error) {
      if (!isOnlyDuplicates(error) || attempt === mostAttempts) throw error;
      await sleep(Math.random() * 50);
    }
  }
}
