/** Thirty days of counts for the overview: by day, and by unit, type and source. */
import type { ActorKind } from '../../vocabulary/terms.js';
import type { DailyCount } from '../../models/daily-count.js';
import { dayOf } from './counts-of.js';

export interface DayTotals {
  /** UTC: `2026-03-02`. */
  day: string;
  optIns: number;
  optOuts: number;
  bounces: number;
}

export interface Totals<Key> {
  key: Key;
  optIns: number;
  optOuts: number;
}

export interface CountReport {
  /** Oldest first. The last one is today, which is incomplete. */
  days: DayTotals[];
  byUnit: Totals<number | null>[];
  byType: Totals<{ unitId: number | null; typeId: number | null }>[];
  bySource: Totals<ActorKind>[];
  /** Opt-outs that were probably made by a machine. */
  machineMade: number;
  /** Mails to the unsubscribe address that named no subscriber. */
  unreadableMails: number;
}

const dayMs = 86_400_000;

/** The days of a report, oldest first. */
export function daysUntil(today: Date, length: number): string[] {
  return Array.from({ length }, (_, at) => dayOf(new Date(today.getTime() - (length - 1 - at) * dayMs)));
}

/** The following day, at which a range ends. */
export function dayAfter(today: Date): string {
  return dayOf(new Date(today.getTime() + dayMs));
}

/** @param counts those by type and source, of the requested days and units */
export function reportOf(counts: readonly DailyCount[], days: readonly string[]): CountReport {
  const byDay = new Map(days.map((day) => [day, { day, optIns: 0, optOuts: 0, bounces: 0 }]));
  let machineMade = 0;
  let unreadableMails = 0;
  for (const { day, what, n } of counts) {
    const totals = byDay.get(day);
    if (!totals) continue;
    if (what === 'OPT_IN') totals.optIns += n;
    else if (what === 'OPT_OUT') totals.optOuts += n;
    else if (what === 'MACHINE') machineMade += n;
    else if (what === 'UNREADABLE_MAIL') unreadableMails += n;
    else totals.bounces += n;
  }
  const known = counts.filter(({ day }) => byDay.has(day));
  return {
    days: [...byDay.values()],
    byUnit: totalsBy(known, ({ unitId }) => unitId),
    byType: totalsBy(known, ({ unitId, typeId }) => ({ unitId, typeId })),
    bySource: totalsBy(known, ({ by }) => by ?? 'SYSTEM'),
    machineMade,
    unreadableMails,
  };
}

/** The largest first. */
function totalsBy<Key>(counts: readonly DailyCount[], keyOf: (count: DailyCount) => Key): Totals<Key>[] {
  const totals = new Map<string, Totals<Key>>();
  for (const count of counts) {
    if (count.what !== 'OPT_IN' && count.what !== 'OPT_OUT') continue;
    const key = keyOf(count);
    const name = JSON.stringify(key);
    const known = totals.get(name) ?? { key, optIns: 0, optOuts: 0 };
    if (count.what === 'OPT_IN') known.optIns += count.n;
    else known.optOuts += count.n;
    totals.set(name, known);
  }
  return [...totals.values()].sort((a, b) => b.optIns + b.optOuts - (a.optIns + a.optOuts));
}
