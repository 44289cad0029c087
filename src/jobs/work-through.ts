/** Works through a queue: leases due items and processes several at once, within each lane's places. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { readServerClock } from '../models/server-clock.js';

/** A part of a queue with its own places. */
export interface QueueLane {
  /** The condition on its items: plain fields with an index. */
  which: object;
  /** Maximum number of its items that are processed at the same time. */
  places: number;
}

/** Milliseconds between checks of an empty queue while items are processed. */
const lookAgainMs = 1000;
/** A process's clock may be changed during a long round, so the database's clock is read again. */
const clockIsGoodForMs = 60_000;

/**
 * Returns when no item is due and none is being processed.
 * @param queue.lanes in order of priority
 * @param queue.places over all lanes
 * @param signal once aborted, current items are finished and no other is leased
 * @throws database errors, after current items have ended; expired leases make the items due again
 */
export async function workThrough<T>(
  queue: {
    connection: Pick<Connection, 'db'>;
    lanes: readonly QueueLane[];
    places: number;
    lease: (which: object, now: Date) => Promise<T | null>;
    work: (item: T) => Promise<void>;
  },
  signal?: AbortSignal,
): Promise<void> {
  const inHand = new Map<Promise<void>, QueueLane>();
  const faults: unknown[] = [];
  const hasPlace = (lane: QueueLane) =>
    [...inHand.values()].filter((one) => one === lane).length < lane.places;

  async function takeOne(now: Date): Promise<boolean> {
    for (const lane of inHand.size < queue.places ? queue.lanes.filter(hasPlace) : []) {
      const item = await queue.lease(lane.which, now);
      if (item === null) continue;
      const work = queue
        .work(item)
        .catch((fault: unknown) => void faults.push(fault))
        .finally(() => inHand.delete(work));
      inHand.set(work, lane);
      return true;
    }
    return false;
  }

  try {
    let serverNow: () => Date = () => new Date(0);
    let readAt = -Infinity;
    let hasTaken = false;
    while (!signal?.aborted && faults.length === 0) {
      if (performance.now() - readAt > clockIsGoodForMs) {
        serverNow = await readServerClock(queue.connection);
        readAt = performance.now();
      }
      if (await takeOne(serverNow())) hasTaken = true;
      else if (inHand.size > 0)
        await Promise.race([...inHand.keys(), sleep(lookAgainMs, undefined, { ref: false })]);
      else if (!hasTaken) break;
      // Checked once more with the current clock. To a slow clock, an item that was just put back is not due yet.
      else [hasTaken, readAt] = [false, -Infinity];
    }
  } finally {
    await Promise.all(inHand.keys());
  }
  if (faults.length > 0) throw faults[0];
}
