/** Work that nobody waits for: it goes on after the answer, and a clean stop lets it end. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Background {
  /** @param work deals with its own faults */
  add: (work: Promise<unknown>) => void;
  /** Waits until all is done, or until `ms` milliseconds are over. */
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
