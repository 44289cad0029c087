/** Keeps the counts of the dashboard. Each count notes the last counted entry of each bucket, so no entry counts twice. */
import { countsOf, countsOfMoves, countsOfReason } from '../../domain/counts/counts-of.js';
import { findMoves } from '../../domain/counts/moves.js';
import { changeNumber } from '../../models/change.js';
import { countFurther } from '../../models/day-count.js';
import type { CountedEntry } from '../../models/day-count.js';
import type { Follower } from '../contract.js';

export const countsFollower: Follower = {
  name: 'counts',
  async follow({ models, catalogue }, entries, bucket) {
    const { timeZone, types } = await catalogue();
    const acts = entries.filter((entry) => entry.kind === 'CONSENT');
    const moves = await findMoves(models, acts, types);
    const counted = entries.flatMap((entry): CountedEntry[] => {
      if (entry.kind === 'CONTACT') return [];
      const counts =
        entry.kind === 'REASON'
          ? countsOfReason(entry.event, timeZone)
          : [
              ...countsOf(entry.event, timeZone),
              ...countsOfMoves(moves.get(entry.key) ?? [], entry.event.at, timeZone),
            ];
      const number = changeNumber(entry._id);
      return counts.map((count) => ({ number, count }));
    });
    await countFurther(models.dayCounts, bucket, counted);
  },
};
