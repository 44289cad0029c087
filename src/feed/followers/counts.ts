/** Keeps the daily counts of the overview. Each count knows up to which entry of each bucket it has counted, so none counts twice. */
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
      // An act that was carried over from another spelling was counted where it happened.
      if (entry.kind !== 'CONSENT' || entry.event.carriedFrom) continue;
      const number = changeNumber(entry._id);
      for (const count of countsOf(entry.event)) counted.push({ number, count });
    }
    await countFurther(models.dailyCounts, bucket, counted);
  },
};
