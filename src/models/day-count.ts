/** Counts of a day and a business unit, for the dashboard. They hold no personal data; the history is authoritative. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { Bucket } from './change.js';
import { isOnlyDuplicates } from './database-fault.js';

/** The counts of one day (or one month) and one business unit. So a page reads as many documents as there are days and units. */
export interface DayCount {
  /** `d:2026-03-02:0`, or `m:2026-03:0` for a month; without a unit for acts of the whole account. */
  _id: string;
  unitId: number | null;
  /** By what is counted, such as `OPT_IN:3:CONTACT` (see `countKeys`). */
  n: Record<string, number>;
  /** By bucket of the change feed, the number of the last counted entry. */
  upTo?: Partial<Record<Bucket, number>>;
}

export const dayCountSchema = new Schema<DayCount>(
  {
    _id: { type: String, required: true },
    unitId: { type: Number, default: null },
    n: { type: Schema.Types.Mixed, required: true },
    upTo: Schema.Types.Mixed,
  },
  { collection: 'day_counts', versionKey: false, minimize: false },
);
dayCountSchema.index({ unitId: 1, _id: 1 });

export type DayCountModel = Model<DayCount>;

/** What is added to one count. */
export interface Count {
  /** `d:2026-03-02` or `m:2026-03`. */
  span: string;
  unitId: number | null;
  key: string;
  n: number;
}

/** A count that an entry of the change feed raises. */
export interface CountedEntry {
  /** The entry's number in its bucket. */
  number: number;
  count: Count;
}

/** More campaigns of one day and unit are counted together, so that labels of links cannot make a document grow without limit. */
export const mostCampaigns = 100;

/** `CAMPAIGN:IN:spring`. The label is last; dots and dollar signs have a meaning in field names. */
export function campaignKey(direction: 'IN' | 'OUT', label: string): string {
  return `CAMPAIGN:${direction}:${label.replace(/[%.$]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`;
}

/** The label in a key; empty for all campaigns beyond the limit. */
export function labelOf(key: string): string {
  return decodeURIComponent(key.split(':').slice(2).join(':'));
}

export function countId({ span, unitId }: Pick<Count, 'span' | 'unitId'>): string {
  return `${span}:${unitId ?? ''}`;
}

/** Adds to counts in memory, by their keys. */
export function addTo(n: Record<string, number>, counts: Iterable<Pick<Count, 'key' | 'n'>>): void {
  const labels = new Set(
    Object.keys(n).flatMap((key) => (key.startsWith('CAMPAIGN:') ? [labelOf(key)] : [])),
  );
  for (const { key: wanted, n: more } of counts) {
    const isCampaign = wanted.startsWith('CAMPAIGN:');
    const label = isCampaign ? labelOf(wanted) : '';
    const isOver = isCampaign && !labels.has(label) && labels.size >= mostCampaigns;
    const key = isOver ? wanted.slice(0, wanted.indexOf(':', 9) + 1) : wanted;
    if (isCampaign && !isOver) labels.add(label);
    n[key] = (n[key] ?? 0) + more;
  }
}

/**
 * Counts entries of one bucket, each once however often it is passed. The write that raises a count also stores the last counted entry, and is
 * conditional on the stored one. So a second process at once does no harm.
 */
export async function countFurther(
  model: DayCountModel,
  bucket: Bucket,
  entries: readonly CountedEntry[],
): Promise<void> {
  const place = `upTo.${bucket}`;
  const byId = new Map<string, CountedEntry[]>();
  for (const entry of entries) {
    const id = countId(entry.count);
    const own = byId.get(id);
    if (own) own.push(entry);
    else byId.set(id, [entry]);
  }
  for (;;) {
    const found = await model.find({ _id: mongoose.trusted({ $in: [...byId.keys()] }) }).lean<DayCount[]>();
    const known = new Map(found.map((one) => [one._id, one]));
    const writes = [...byId].flatMap(([_id, all]) => {
      const before = known.get(_id);
      const counted = before?.upTo?.[bucket] ?? null;
      const fresh = all.filter(({ number }) => number > (counted ?? 0));
      const [first] = fresh;
      if (!first) return [];
      const was = before?.n ?? {};
      const n = { ...was };
      addTo(
        n,
        fresh.map(({ count }) => count),
      );
      const raised = Object.entries(n).filter(([key, value]) => value !== was[key]);
      const $inc = Object.fromEntries(raised.map(([key, value]) => [`n.${key}`, value - (was[key] ?? 0)]));
      const $set = { [place]: Math.max(...fresh.map(({ number }) => number)) };
      const update = {
        ...(raised.length > 0 ? { $inc } : {}),
        $set,
        $setOnInsert: { unitId: first.count.unitId, ...(raised.length > 0 ? {} : { n: {} }) },
      };
      return [{ updateOne: { filter: { _id, [place]: counted }, update, upsert: !before } }];
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

/** Adds what is not in the change feed. @throws database errors; after a duplicate key, nothing was added */
export async function addCount(model: DayCountModel, count: Count): Promise<void> {
  await model.collection.updateOne(
    { _id: countId(count) as never },
    { $inc: { [`n.${count.key}`]: count.n }, $setOnInsert: { unitId: count.unitId } },
    { upsert: true },
  );
}

/** A range of days, and the units; null for all of them and for acts of the whole account. */
export interface CountQuery {
  /** The first day, `2026-03-02`. */
  from: string;
  /** The last day. */
  to: string;
  unitIds: readonly number[] | null;
}

const ofUnits = (unitIds: readonly number[] | null) =>
  unitIds ? { unitId: mongoose.trusted({ $in: [...unitIds] }) } : {};

/** The counts of each day in a range. */
export async function findDayCounts(model: DayCountModel, query: CountQuery): Promise<DayCount[]> {
  const range = mongoose.trusted({ $gte: `d:${query.from}`, $lt: `d:${query.to};` });
  return model.find({ _id: range, ...ofUnits(query.unitIds) }, { upTo: 0 }).lean<DayCount[]>();
}

/** The counts of each month before another one (`2026-03`). */
export async function findMonthCounts(
  model: DayCountModel,
  { before, unitIds }: { before: string; unitIds: CountQuery['unitIds'] },
): Promise<DayCount[]> {
  const range = mongoose.trusted({ $gte: 'm:', $lt: `m:${before}` });
  return model.find({ _id: range, ...ofUnits(unitIds) }, { upTo: 0 }).lean<DayCount[]>();
}

/** The newest days before another one, newest first. */
export async function findDaysBefore(
  model: DayCountModel,
  { before, unitIds, limit }: { before: string; unitIds: CountQuery['unitIds']; limit: number },
): Promise<DayCount[]> {
  const range = mongoose.trusted({ $gte: 'd:', $lt: `d:${before}` });
  return model
    .find({ _id: range, ...ofUnits(unitIds) }, { upTo: 0 })
    .sort({ _id: -1 })
    .limit(limit)
    .lean<DayCount[]>();
}

/** The day in the id of a day's counts. */
export function dayOfCount({ _id }: Pick<DayCount, '_id'>): string {
  return _id.slice(2, 12);
}
