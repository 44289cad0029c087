/** Daily counts of opt-ins, opt-outs and bounces, for the overview. The history is authoritative. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { ActorKind } from '../vocabulary/terms.js';
import type { Bucket } from './change.js';
import { isDuplicateKey, isOnlyDuplicates } from './database-fault.js';

/**
 * `MACHINE` counts those opt-outs that a link scanner may have made. `UNREADABLE_MAIL` counts mails to the unsubscribe address that named no
 * subscriber.
 */
export const countedThings = [
  'OPT_IN',
  'OPT_OUT',
  'BOUNCE',
  'COMPLAINT',
  'MACHINE',
  'UNREADABLE_MAIL',
] as const;
export type CountedThing = (typeof countedThings)[number];

export interface DailyCount {
  /**
   * Begins with the kind of count and the day, so that a month is one range: `type:2026-03-02:OPT_OUT:…`. Campaigns are counted separately, since
   * their number is unlimited.
   */
  _id: string;
  /** UTC. */
  day: string;
  what: CountedThing;
  /** Null for the whole account. */
  unitId: number | null;
  /** Null for all of the unit, and in counts by campaign. */
  typeId: number | null;
  by: ActorKind | null;
  campaign: string | null;
  n: number;
  /** By bucket of the change feed, the number of the last counted entry. */
  upTo?: Partial<Record<Bucket, number>>;
}

export const dailyCountSchema = new Schema<DailyCount>(
  {
    _id: { type: String, required: true },
    day: { type: String, required: true },
    what: { type: String, required: true },
    unitId: { type: Number, default: null },
    typeId: { type: Number, default: null },
    by: { type: String, default: null },
    campaign: { type: String, default: null },
    n: { type: Number, required: true },
    upTo: Schema.Types.Mixed,
  },
  { collection: 'daily_counts', versionKey: false },
);

export type DailyCountModel = Model<DailyCount>;

/**
 * Adds to the counts in one command.
 * @returns those that were certainly not added, because two processes created the same one at once: retry them
 * @throws any other error: then it is unknown what was added
 */
export async function addCounts(model: DailyCountModel, counts: DailyCount[]): Promise<DailyCount[]> {
  const writes = counts.map(({ _id, n, ...about }): AnyBulkWriteOperation<DailyCount> => ({
    updateOne: { filter: { _id }, update: { $inc: { n }, $setOnInsert: about }, upsert: true },
  }));
  try {
    await model.collection.bulkWrite(writes as never, { ordered: false });
    return [];
  } catch (error) {
    const errors: unknown = Object(error)['writeErrors'];
    if (!Array.isArray(errors) || !errors.every(isDuplicateKey)) throw error;
    return errors.flatMap((one) => counts[Number(Object(one)['index'])] ?? []);
  }
}

/** A count that an entry of the change feed raises. */
export interface CountedEntry {
  /** The entry's number in its bucket. */
  number: number;
  count: DailyCount;
}

/**
 * Counts entries of one bucket, each once however often it is passed. The write that raises a count also stores the last counted entry, and is
 * conditional on the stored one. So a second process at once does no harm.
 */
export async function countFurther(
  model: DailyCountModel,
  bucket: Bucket,
  entries: readonly CountedEntry[],
): Promise<void> {
  const place = `upTo.${bucket}`;
  const byId = new Map<string, CountedEntry[]>();
  for (const entry of entries) byId.set(entry.count._id, [...(byId.get(entry.count._id) ?? []), entry]);
  for (;;) {
    const found = await model
      .find({ _id: mongoose.trusted({ $in: [...byId.keys()] }) }, { upTo: 1 })
      .lean<Pick<DailyCount, '_id' | 'upTo'>[]>();
    const known = new Map(found.map(({ _id, upTo }) => [_id, upTo?.[bucket] ?? null]));
    const writes = [...byId].flatMap(([_id, all]) => {
      const counted = known.get(_id) ?? null;
      const fresh = all.filter(({ number }) => number > (counted ?? 0));
      const [first] = fresh;
      if (!first) return [];
      const { _id: _, n: _n, ...about } = first.count;
      const $inc = { n: fresh.reduce((sum, { count: { n } }) => sum + n, 0) };
      const $set = { [place]: Math.max(...fresh.map(({ number }) => number)) };
      const update = { $inc, $set, $setOnInsert: about };
      return [{ updateOne: { filter: { _id, [place]: counted }, update, upsert: !known.has(_id) } }];
    });
    if (writes.length === 0) return;
    try {
      await model.collection.bulkWrite(writes as never, { ordered: false });
    } catch (error) {
      // Another bucket created the same count at this moment.
      if (!isOnlyDuplicates(error)) throw error;
    }
  }
}

/** The range of ids from the first moment of one day to the first of another (exclusive). */
const range = (prefix: string, from: string, until: string) => ({
  _id: mongoose.trusted({ $gte: `${prefix}:${from}`, $lt: `${prefix}:${until}` }),
});

/** Counts by unit, type and source. A day has as many as there are types and sources, regardless of the number of contacts. */
export async function findCounts(model: DailyCountModel, from: string, until: string): Promise<DailyCount[]> {
  return model.find(range('type', from, until)).lean<DailyCount[]>();
}

/** The campaigns with the most opt-ins and opt-outs. @param unitIds null for all */
export async function findCampaignCounts(
  model: DailyCountModel,
  query: { from: string; until: string; unitIds: readonly number[] | null; limit: number },
): Promise<{ campaign: string; optIns: number; optOuts: number }[]> {
  const sumOf = (what: CountedThing) => ({ $sum: { $cond: [{ $eq: ['$what', what] }, '$n', 0] } });
  const rows = await model.aggregate<{ _id: string; optIns: number; optOuts: number }>([
    {
      $match: {
        _id: { $gte: `campaign:${query.from}`, $lt: `campaign:${query.until}` },
        ...(query.unitIds ? { unitId: { $in: [...query.unitIds] } } : {}),
      },
    },
    { $group: { _id: '$campaign', optIns: sumOf('OPT_IN'), optOuts: sumOf('OPT_OUT'), n: { $sum: '$n' } } },
    { $sort: { n: -1, _id: 1 } },
    { $limit: query.limit },
  ]);
  return rows.map(({ _id, optIns, optOuts }) => ({ campaign: _id, optIns, optOuts }));
}
