/** Runs the change feed in a worker: for each bucket one process at a time publishes and follows. */
import { DomainError } from '../errors.js';
import { keepDoing, pause } from '../keep-doing.js';
import { buckets } from '../models/change.js';
import type { Bucket } from '../models/change.js';
import { readCursors } from '../models/feed-cursor.js';
import { withLease } from '../models/lease.js';
import type { FeedDeps, Follower } from './contract.js';
import { followFrom, followOnce, openReader } from './follow.js';
import { followers } from './followers/registry.js';
import { findWebhookFollowers } from './followers/webhooks.js';
import { openPublisher } from './publish.js';

/** Milliseconds between checks of an idle bucket, and at most of one that another process holds. */
const idleMs = 1000;
/** After a round with so many documents or entries there are probably more. The next round begins at once, unless a job is running. */
const fullBatch = 500;
/**
 * More than these in one round come from bulk work, which writes on. The next round waits for more of them: a few large commands cost the database
 * much less than many small ones, and the bulk work needs it.
 */
const fewAtOnce = 20;
const bulkMs = 4000;
/** The same while this process works on a job, and so many times as long as the round took. A backlog makes rounds longer on some databases. */
const busyMs = 9000;
const busyShare = 20;
const takenMs = 5000;

/**
 * Runs until the signal is aborted. A failing follower is retried and does not delay the others.
 * @param leaseSeconds after a kill, another process takes a bucket over once the lease has ended
 */
export async function runFeed(deps: FeedDeps, signal: AbortSignal, leaseSeconds = 10): Promise<void> {
  const inTurn = openTurns();
  const keep = (bucket: Bucket) => keepBucket(deps, { bucket, leaseSeconds }, inTurn, signal);
  await Promise.all(buckets.map(keep));
}

type InTurn = <T>(round: () => Promise<T>) => Promise<T>;

/**
 * Rounds of the publishers and followers take turns. A database that runs one statement at a time would let a contact's opt-out wait for those of
 * all of them.
 */
function openTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (round) => {
    const own = last.then(round);
    last = own.catch(() => undefined);
    return own;
  };
}

/** Processes everything that is pending, once: for tests, and for commands that write and exit. */
export async function drainFeed(deps: FeedDeps): Promise<void> {
  const all = [...followers, ...(await findWebhookFollowers(deps))];
  const cursorsOf = await readCursors(deps.models.feedCursors);
  await Promise.all(
    buckets.map(async (bucket) => {
      const publish = openPublisher(deps, bucket);
      while ((await publish()) >= fullBatch);
      const read = openReader(deps, bucket, { keepsAll: true });
      const cursors = cursorsOf(bucket);
      let behind = all.map((follower) => ({ follower, number: cursors.get(follower.name) ?? 0 }));
      // Batch by batch, so that one reading of a batch serves all followers.
      while (behind.length > 0) {
        const next: typeof behind = [];
        for (const { follower, number: from } of behind) {
          const { count, number } = await followFrom(deps, follower, { bucket, number: from, read });
          if (count >= fullBatch) next.push({ follower, number });
        }
        behind = next;
      }
    }),
  );
}

async function keepBucket(
  deps: FeedDeps,
  { bucket, leaseSeconds }: { bucket: Bucket; leaseSeconds: number },
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<void> {
  const { log } = deps;
  const wish = { name: `feed:${bucket}`, seconds: leaseSeconds, patienceSeconds: 0 };
  while (!signal.aborted) {
    try {
      await withLease(deps.models.changes.db, wish, (lost) =>
        workOn(deps, bucket, inTurn, AbortSignal.any([signal, lost])),
      );
    } catch (err) {
      const isTaken = err instanceof DomainError && err.code === 'DATABASE_BUSY';
      if (!isTaken) log.error({ err, bucket }, 'the change feed failed and will retry');
    }
    await pause(Math.min(takenMs, leaseSeconds * 500), signal);
  }
}

async function workOn(deps: FeedDeps, bucket: Bucket, inTurn: InTurn, signal: AbortSignal): Promise<void> {
  let published = 1;
  const read = openReader(deps, bucket);
  const publish = openPublisher(deps, bucket);
  const keep = (name: string, round: () => Promise<number>) => {
    const run = async () => {
      let tookMs = 0;
      const count = await inTurn(async () => {
        const began = performance.now();
        return round().finally(() => (tookMs = performance.now() - began));
      });
      const isBusy = deps.isBusy?.() ?? false;
      if (count >= fullBatch && !isBusy) return 'MORE';
      const restMs = isBusy ? Math.max(busyMs, busyShare * tookMs) : bulkMs;
      if (count > fewAtOnce) await pause(restMs, signal);
      return undefined;
    };
    return keepDoing(
      deps.log,
      { what: `change feed, bucket ${bucket}: ${name}`, everyMs: idleMs, run },
      signal,
    );
  };
  // A follower reads only if something was published since it was up to date.
  const following = (find: () => Promise<readonly Follower[]>) => {
    const seen = new Map<string, number>();
    return async () => {
      let count = 0;
      for (const follower of await find()) {
        const now = published;
        if (seen.get(follower.name) === now || (await follower.isReady?.()) === false) continue;
        const followed = await followOnce(deps, follower, bucket, read);
        if (followed === 0) seen.set(follower.name, now);
        count += followed;
      }
      return count;
    };
  };
  await Promise.all([
    keep('publisher', async () => {
      const count = await publish();
      published += count;
      return count;
    }),
    ...followers.map((follower) =>
      keep(
        follower.name,
        following(async () => [follower]),
      ),
    ),
    keep(
      'webhooks',
      following(() => findWebhookFollowers(deps)),
    ),
  ]);
}
