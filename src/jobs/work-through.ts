/** Works through a queue: leases what is due, several items side by side, each lane within its places. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { readServerClock } from '../models/server-clock.js';

/** A part of a queue with places of its own. */
export interface QueueLane {
  /** The condition on its items; plain fields, which are an index. */
  which: object;
  /** Places: how many of its items are worked on at the same time, at most. */
  places: number;
}

/** While work is in hand, milliseconds between two looks at an empty queue. */
const lookAgainMs = 1000;
/** A process's clock may be set while a long round runs, so the database's clock is read again. */
const clockIsGoodForMs = 60_000;

/**
 * Returns when nothing is due and nothing in hand.
 * @param queue.lanes are asked in order, so the first has priority
 * @param queue.places over all lanes
 * @param signal once aborted, what is in hand is finished and nothing else is taken
 * @throws the database's faults, after what is in hand has ended; leases bring the items back
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
      // Once more by the clock as it is now: by one that lags a little, an item that was just put back is not yet due.
      else [hasTaken, readAt] = [false, -Infinity];
    }
  } finally {
    await Promise.all(inHand.keys());
  }
  if (faults.length > 0) throw faults[0];
}
