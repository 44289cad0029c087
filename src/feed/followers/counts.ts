/** Keeps the daily counts of the overview. Each count notes the last counted entry of each bucket, so no entry counts twice. */
import { countsOf } from '../../domain/counts/counts-of.js';
import { changeNumber } from '../../models/change.js';
import { countFurther } from '../../models/daily-count.js';
import type { CountedEntry } from '../../models/daily-count.js';
import type { Follower } from '../contract.js';

export const countsFollower: Follower = {
  name: 'counts',
  async follow({ models }, entries, bucket) {
    const counted: CountedEntry[] = [];
    for (const entry of entries) {
      // An act that was carried over from another spelling was counted under that spelling.
      if (entry.kind !== 'CONSENT' || entry.event.carriedFrom) continue;
      const number = changeNumber(entry._id);
      for (const count of countsOf(entry.event)) counted.push({ number, count });
    }
    await countFurther(models.dailyCounts, bucket, counted);
  },
};
