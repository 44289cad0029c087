/** Daily counts: how many opt-ins, opt-outs and bounces there were on a day, for the overview; the history is the truth. */
import mongoose, { Schema } from 'mongoose';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import type { ActorKind } from '../vocabulary/terms.js';
import { isDuplicateKey } from './database-fault.js';

/**
 * `MACHINE` counts those of the opt-outs that a link scanner may have made; `UNREADABLE_MAIL` the mails to the unsubscribe address that named no
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
   * Begins with what the count is by and the day, so that a month is one range: `type:2026-03-02:OPT_OUT:…`. Campaigns are counted apart,
   * since there may be any number of them.
   */
  _id: string;
  /** UTC. */
  day: string;
  what: CountedThing;
  /** Null for the whole account. */
  unitId: number | null;
  /** Null for all of the unit, and where it is counted by campaign. */
  typeId: number | null;
  by: ActorKind | null;
  campaign: string | null;
  n: number;
}

const schema = new Schema<DailyCount>(
  {
    _id: { type: String, required: true },
    day: { type: String, required: true },
    what: { type: String, required: true },
    unitId: { type: Number, default: null },
    typeId: { type: Number, default: null },
    by: { type: String, default: null },
    campaign: { type: String, default: null },
    n: { type: Number, required: true },
  },
  { collection: 'daily_counts', versionKey: false },
);

export type DailyCountModel = Model<DailyCount>;

export function dailyCountModel(connection: Connection): DailyCountModel {
  return connection.model<DailyCount>('DailyCount', schema);
}

/**
 * Adds to the counts, in one go.
 * @returns those that were certainly not added, as two processes made the same one at once: for another try
 * @throws whatever else goes wrong: then nobody knows what was added
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

/** Bounds of the days' ids: from the first moment of one day until before the first of another. */
const range = (prefix: string, from: string, until: string) => ({
  _id: mongoose.trusted({ $gte: `${prefix}:${from}`, $lt: `${prefix}:${until}` }),
});

/** Counts by unit, type and source; there are as many a day as there are types and sources, however many contacts there are. */
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
