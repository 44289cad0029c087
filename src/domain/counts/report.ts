/** The figures of the dashboard, from the counts of the days in a range. */
import {
  dayOfCount,
  findDayCounts,
  findMonthCounts,
  labelOf,
  type CountQuery,
  type DayCount,
} from '../../models/day-count.js';
import type { Models } from '../../models/index.js';
import { addDays } from '../../vocabulary/time-zones.js';

/** One bar of a chart: a day, or a week from Monday to Sunday. Those at the ends may be shorter. */
export interface Step {
  /** First and last day, `2026-03-02`. */
  from: string;
  to: string;
  optIns: number;
  optOuts: number;
  bounces: number;
  complaints: number;
}

export interface Totals {
  /** Id of a type (empty for all of the unit), kind of an actor, or label of a campaign. */
  key: string;
  unitId: number | null;
  optIns: number;
  optOuts: number;
}

export interface Growth {
  typeId: number;
  unitId: number;
  /** Subscribers before the range, and at the end of each step. */
  points: number[];
}

/** Limits the steps to one type, kind of actor or campaign. */
export interface Only {
  what: 'type' | 'source' | 'campaign';
  key: string;
}

export interface CountReport {
  steps: Step[];
  optIns: number;
  optOuts: number;
  bounces: number;
  complaints: number;
  /** The largest first. */
  byUnit: Totals[];
  byType: Totals[];
  bySource: Totals[];
  /** The empty label is that of all campaigns beyond the first hundred of a day. */
  byCampaign: Totals[];
  reasons: Map<string, number>;
  /** The largest first. */
  growth: Growth[];
}

/** The longest range, in days: a year. */
export const longest = 366;
/** Up to so many days, each has a bar. */
const mostDays = 45;

/** Reads the counts: as many documents as there are days and units, however many events there were. */
export async function readReport(
  { dayCounts }: Pick<Models, 'dayCounts'>,
  query: CountQuery,
  only: Only | null = null,
): Promise<CountReport> {
  const { from, unitIds } = query;
  const month = from.slice(0, 7);
  const [days, months] = await Promise.all([
    // The days of the month before the range complete the sum of the months before it.
    findDayCounts(dayCounts, { ...query, from: `${month}-01` }),
    findMonthCounts(dayCounts, { before: month, unitIds }),
  ]);
  return reportOf({ days, months, from, to: query.to, only });
}

/** @param input `days` from the first of the month on, and all `months` before it */
export function reportOf(input: {
  days: readonly DayCount[];
  months: readonly DayCount[];
  from: string;
  to: string;
  only: Only | null;
}): CountReport {
  const { days, months, from, to, only } = input;
  const steps = stepsOf(from, to);
  const sums = { optIns: 0, optOuts: 0, bounces: 0, complaints: 0 };
  const tables = { unit: newTotals(), type: newTotals(), source: newTotals(), campaign: newTotals() };
  const reasons = new Map<string, number>();
  const growth = new Map<string, Growth>();
  const atStep = (day: string) => steps.findIndex((step) => day <= step.to);
  for (const count of [...months, ...days]) {
    const { unitId } = count;
    const isBefore = count._id.startsWith('m:') || dayOfCount(count) < from;
    const at = isBefore ? -1 : atStep(dayOfCount(count));
    const step = steps[at];
    for (const [key, n] of Object.entries(count.n)) {
      const [what = '', of = '', by = ''] = key.split(':');
      if (what === 'SUBSCRIBERS') {
        const known = growth.get(of) ?? newGrowth(Number(of), unitId ?? 0, steps.length);
        known.points[at + 1] = (known.points[at + 1] ?? 0) + n;
        growth.set(of, known);
      }
      if (!step) continue;
      if (what === 'OPT_IN' || what === 'OPT_OUT') {
        const field = what === 'OPT_IN' ? 'optIns' : 'optOuts';
        sums[field] += n;
        addTotal(tables.unit, { key: '', unitId }, field, n);
        addTotal(tables.type, { key: of, unitId }, field, n);
        addTotal(tables.source, { key: by, unitId: null }, field, n);
        const isShown =
          !only || (only.what === 'type' && of === only.key) || (only.what === 'source' && by === only.key);
        if (isShown) step[field] += n;
      } else if (what === 'CAMPAIGN') {
        const label = labelOf(key);
        const field = of === 'IN' ? 'optIns' : 'optOuts';
        addTotal(tables.campaign, { key: label, unitId: null }, field, n);
        if (only?.what === 'campaign' && only.key === label) step[field] += n;
      } else if (what === 'BOUNCE' || what === 'COMPLAINT') {
        const field = what === 'BOUNCE' ? 'bounces' : 'complaints';
        sums[field] += n;
        step[field] += n;
      } else if (what === 'REASON') reasons.set(of, (reasons.get(of) ?? 0) + n);
    }
  }
  return {
    ...{ steps, ...sums, reasons },
    ...{ byUnit: largestFirst(tables.unit), byType: largestFirst(tables.type) },
    ...{ bySource: largestFirst(tables.source), byCampaign: largestFirst(tables.campaign) },
    growth: [...growth.values()].map(running).sort((a, b) => (b.points.at(-1) ?? 0) - (a.points.at(-1) ?? 0)),
  };
}

const newTotals = () => new Map<string, Totals>();

const newGrowth = (typeId: number, unitId: number, steps: number): Growth => ({
  ...{ typeId, unitId, points: Array.from({ length: steps + 1 }, () => 0) },
});

function addTotal(
  totals: Map<string, Totals>,
  { key, unitId }: Pick<Totals, 'key' | 'unitId'>,
  field: 'optIns' | 'optOuts',
  n: number,
): void {
  const name = `${unitId ?? ''}:${key}`;
  const known = totals.get(name) ?? { key, unitId, optIns: 0, optOuts: 0 };
  known[field] += n;
  totals.set(name, known);
}

function largestFirst(totals: Map<string, Totals>): Totals[] {
  return [...totals.values()].sort((a, b) => b.optIns + b.optOuts - (a.optIns + a.optOuts));
}

/** The bars of a range without counts. */
export function stepsOf(from: string, to: string): Step[] {
  const isDaily = addDays(from, mostDays) > to;
  const steps: Step[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const isMonday = new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
    const last = steps.at(-1);
    if (last && !isDaily && !isMonday) last.to = day;
    else steps.push({ from: day, to: day, optIns: 0, optOuts: 0, bounces: 0, complaints: 0 });
  }
  return steps;
}

/** Changes become numbers of subscribers. */
function running(growth: Growth): Growth {
  let sum = 0;
  return { ...growth, points: growth.points.map((change) => (sum += change)) };
}

export interface CountedWarnings {
  /** Opt-outs that were probably made by a machine. */
  machineMade: number;
  /** Mails to the unsubscribe address that named no subscriber. */
  unreadableMails: number;
}

/** What staff should look at, of a range of days. */
export async function readWarnings(
  { dayCounts }: Pick<Models, 'dayCounts'>,
  query: CountQuery,
): Promise<CountedWarnings> {
  const days = await findDayCounts(dayCounts, query);
  const sum = (key: string) => days.reduce((total, { n }) => total + (n[key] ?? 0), 0);
  return { machineMade: sum('MACHINE'), unreadableMails: sum('UNREADABLE_MAIL') };
}
