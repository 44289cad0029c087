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
import { furthestCursor } from '../models/feed-cursor.js';
import type { FeedDeps } from './contract.js';
import { openOutboxes } from './outboxes.js';

const mostAttempts = 40;

/**
 * Makes a function that publishes one batch of each kind of document. Repeating it, also in two processes at once, adds nothing twice.
 * @returns it returns how many documents were marked; 0 means that everything is published. It throws database errors; all marks that were not
 * cleared are still there
 */
export function openPublisher(deps: FeedDeps, bucket: Bucket): () => Promise<number> {
  const outboxes = openOutboxes(deps, bucket);
  let newest: number | undefined;
  return async () => {
    let marked = 0;
    for (const readNext of outboxes) {
      const { entries, count, clear } = await readNext();
      newest = await append(deps, bucket, entries, newest);
      await clear();
      marked += count;
    }
    return marked;
  };
}

/** Publishes one batch of each kind of document, as `openPublisher`. */
export async function publishMarked(deps: FeedDeps, bucket: Bucket): Promise<number> {
  return openPublisher(deps, bucket)();
}

/**
 * Appends the entries that are not in the feed yet. Another publisher may have appended some of them, or others. Entries behind this process's own
 * last one are usually new, so they are looked up only if the insert finds one of them.
 * @param newest the number of the last entry that this process has appended, which is usually the newest one. If not, the next number is taken
 * @returns the same, after this
 */
async function append(
  deps: FeedDeps,
  bucket: Bucket,
  entries: readonly NewChange[],
  newest: number | undefined,
): Promise<number | undefined> {
  if (entries.length === 0) return newest;
  const {
    models: { changes, feedCursors },
    clock,
  } = deps;
  const keys = entries.map(({ key }) => key);
  let after = newest;
  for (let attempt = 1; ; attempt++) {
    const last =
      after ?? (await lastChangeNumber(changes, bucket, await furthestCursor(feedCursors, bucket)));
    // Read after the newest number: what another publisher appends later takes that number, so this insert fails.
    const published = after === undefined ? await findPublished(deps, keys) : new Set<string>();
    const publishedAt = clock();
    const fresh = entries
      .filter(({ key }) => !published.has(key))
      .map((entry, at) => ({ _id: changeId(bucket, last + 1 + at), ...entry, publishedAt }));
    if (fresh.length === 0) return last;
    try {
      await changes.collection.insertMany(fresh as never[], { ordered: true });
      return last + fresh.length;
    } catch (error) {
      if (!isOnlyDuplicates(error) || attempt === mostAttempts) throw error;
      after = undefined;
      await sleep(Math.random() * 50);
    }
  }
}

async function findPublished({ models }: FeedDeps, keys: readonly string[]): Promise<Set<string>> {
  const known = await models.changes
    .find({ key: mongoose.trusted({ $in: keys }) }, { key: 1 })
    .batchSize(keys.length + 1)
    .read('primary')
    .readConcern('majority')
    .lean<Pick<NewChange, 'key'>[]>();
  return new Set(known.map(({ key }) => key));
}
