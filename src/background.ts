/** Background work: it continues after the answer, and a clean stop waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Background {
  /** @param work handles its own errors */
  add: (work: Promise<unknown>) => void;
  /** Waits until all work is done, or until `ms` milliseconds have passed. */
  settle: (ms: number) => Promise<void>;
}

export function createBackground(): Background {
  const underWay = new Set<Promise<unknown>>();
  return {
    add(work) {
      underWay.add(work);
      void work.finally(() => underWay.delete(work)).catch(() => undefined);
    },
    async settle(ms) {
      if (underWay.size === 0) return;
      const waited = new AbortController();
      await Promise.race([
        Promise.allSettled(underWay),
        sleep(ms, undefined, { signal: waited.signal }).catch(() => undefined),
      ]);
      waited.abort();
    },
  };
}
