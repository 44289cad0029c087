/** Counts all histories from the beginning: schema version 11, for databases of older releases. */
import { buckets, lastChangeNumber } from '../../models/change.js';
import { findAllEvents } from '../../models/archived-event.js';
import { addTo, countId, type Count, type DayCount } from '../../models/day-count.js';
import { moveCursor, readCursor } from '../../models/feed-cursor.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { countsOf, countsOfMoves, countsOfReason, countOfUnreadableMail } from './counts-of.js';
import { movesOf } from './moves.js';

const batchSize = 1000;

/**
 * Replaces all counts by those of the histories, and moves the follower behind the whole feed. Everything that is marked must be published before,
 * and no other process may write. Repeating it gives the same counts.
 */
export async function recount(
  models: Models,
  { timeZone, types }: Pick<Catalogue, 'timeZone' | 'types'>,
): Promise<void> {
  const all = new Map<string, DayCount>();
  const add = (counts: readonly Count[]) => {
    for (const count of counts) {
      const _id = countId(count);
      const known = all.get(_id) ?? { _id, unitId: count.unitId, n: {} };
      addTo(known.n, [count]);
      all.set(_id, known);
    }
  };
  const fields = { seq: 1, events: 1, mergedInto: 1 };
  const subscribers = models.subscribers.collection.find<
    Pick<Subscriber, '_id' | 'seq' | 'events' | 'mergedInto'>
  >({}, { projection: fields });
  for await (const subscriber of subscribers) {
    const events = await findAllEvents(models.archivedEvents, subscriber);
    for (const { event, moves } of movesOf(events, types)) {
      add(countsOf(event, timeZone));
      // The subscriptions of another spelling moved to the subscriber that it was merged into.
      if (!subscriber.mergedInto) add(countsOfMoves(moves, event.at, timeZone));
    }
  }
  for await (const { unitId, reason, at } of models.unsubscribeReasons.collection.find({}))
    add(countsOfReason({ seq: 1, at, unitId, reason, was: null }, timeZone));
  const older = models.dayCounts.db.collection<{ day: string; n: number }>('daily_counts');
  for await (const { day, n } of older.find({ what: 'UNREADABLE_MAIL' }))
    add([{ ...countOfUnreadableMail(new Date(`${day}T12:00:00Z`), 'UTC'), n }]);
  await models.dayCounts.deleteMany({});
  const kept = [...all.values()];
  for (let at = 0; at < kept.length; at += batchSize)
    await models.dayCounts.collection.insertMany(kept.slice(at, at + batchSize) as never[]);
  for (const bucket of buckets) {
    const from = await readCursor(models.feedCursors, 'counts', bucket);
    const last = await lastChangeNumber(models.changes, bucket, from);
    await moveCursor(models.feedCursors, 'counts', bucket, last);
  }
}
