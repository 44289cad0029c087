/** Counts in memory, and writes what was counted once a second: whoever is counted waits for nothing. */
import type { Logger } from '../../log.js';
import { addCounts } from '../../models/daily-count.js';
import type { DailyCount } from '../../models/daily-count.js';
import type { Models } from '../../models/index.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';
import { countsOf } from './counts-of.js';

const flushMs = 1000;

export interface CountKeeper {
  count: (events: readonly ConsentEvent[]) => void;
  /** Writes what was counted so far. It never rejects: a count that is lost is put right by the history (decision 0457). */
  flush: () => Promise<void>;
}

export function createCountKeeper(deps: {
  models: Pick<Models, 'dailyCounts'>;
  log: Pick<Logger, 'warn'>;
}): CountKeeper {
  let counted = new Map<string, DailyCount>();
  let timer: NodeJS.Timeout | undefined;

  const add = (count: DailyCount) => {
    const known = counted.get(count._id);
    if (known) known.n += count.n;
    else counted.set(count._id, { ...count });
  };

  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (counted.size === 0) return;
    const taken = [...counted.values()];
    counted = new Map();
    try {
      for (const again of await addCounts(deps.models.dailyCounts, taken)) add(again);
    } catch (err) {
      deps.log.warn({ err, counts: taken.length }, 'counts of the overview not kept');
    }
    later();
  };

  const later = () => {
    if (counted.size > 0) timer ??= setTimeout(() => void flush(), flushMs).unref();
  };

  return {
    count(events) {
      for (const event of events) for (const count of countsOf(event)) add(count);
      later();
    },
    flush,
  };
}
