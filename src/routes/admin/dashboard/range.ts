/** What the dashboard shows: a range of days in the account's time zone, business units, and one type, source or campaign. */
import { adminPaths } from '../../../admin-paths.js';
import { longest, type Only } from '../../../domain/counts/report.js';
import { DomainError } from '../../../errors.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { addDays, dayIn, isDay } from '../../../vocabulary/time-zones.js';
import type { DashboardPage } from '../../../views/admin-dashboard-page.js';
import { queryOf, wholeOf } from '../form.js';
import type { Ask } from '../route.js';

export interface Range {
  /** First and last day, `2026-03-02`. */
  from: string;
  to: string;
  /** The unit that was asked for. */
  unitId: number | null;
  /** Units of the counts. Null for the whole account, with the counts that belong to no unit: portal-wide opt-outs, bounces. */
  unitIds: Scope;
  only: Only | null;
  /** Why the range is another one than was asked for. */
  hint?: string;
}

const presets = [
  { days: 30, words: '30 days' },
  { days: 90, words: '90 days' },
  { days: 182, words: 'Half a year' },
  { days: 365, words: 'A year' },
] as const;

const things = ['type', 'source', 'campaign'] as const;

/** @throws DomainError `NOT_FOUND` for a unit, or a type, outside the user's scope */
export function rangeOf(catalogue: Catalogue, { request, scope, zone }: Ask, now: Date): Range {
  const { units } = catalogue;
  const asked = (name: string) => queryOf(request, name, 60);
  const unit = asked('unit');
  const unitId = unit === undefined ? null : wholeOf(unit);
  const isKnown = unitId !== null && units.has(unitId) && isInScope(scope, unitId);
  if (unit !== undefined && !isKnown) throw new DomainError('NOT_FOUND');
  return {
    ...daysOf(asked('from'), asked('to'), dayIn(now, zone)),
    ...{ unitId, unitIds: unitId === null ? scope : [unitId], only: onlyOf(catalogue, scope, asked('only')) },
  };
}

function onlyOf({ types }: Catalogue, scope: Scope, asked: string | undefined): Only | null {
  if (asked === undefined) return null;
  const what = things.find((thing) => asked.startsWith(`${thing}:`));
  const key = asked.slice(asked.indexOf(':') + 1);
  const type = types.get(wholeOf(key) ?? -1);
  if (!what || (what === 'type' && !(type && isInScope(scope, type.unitId))))
    throw new DomainError('NOT_FOUND');
  return { what, key };
}

function daysOf(
  from: string | undefined,
  to: string | undefined,
  today: string,
): Pick<Range, 'from' | 'to' | 'hint'> {
  const usual = { from: addDays(today, 1 - presets[0].days), to: today };
  if (from === undefined && to === undefined) return usual;
  if (!isDay(from ?? today) || !isDay(to ?? today))
    return { ...usual, hint: 'These are not two dates, so the last 30 days are shown.' };
  const [one, other] = [from ?? addDays(to ?? today, 1 - presets[0].days), to ?? today].sort();
  const last = other && other < today ? other : today;
  const first = one && one < last ? one : last;
  if (addDays(first, longest) > last) return { from: first, to: last };
  return {
    ...{ from: addDays(last, 1 - longest), to: last },
    hint: 'The dashboard shows a year at most, so the range begins later.',
  };
}

/** The query of the same page, with some parts replaced. */
export function queryWith(
  range: Pick<Range, 'from' | 'to' | 'unitId' | 'only'>,
  other: Partial<Pick<Range, 'from' | 'to' | 'unitId' | 'only'>> & { chart?: string } = {},
): Record<string, string> {
  const { from, to, unitId, only } = { ...range, ...other };
  return {
    ...{
      from,
      to,
      unit: unitId === null ? '' : String(unitId),
      only: only ? `${only.what}:${only.key}` : '',
    },
    ...(other.chart ? { chart: other.chart } : {}),
  };
}

/** The links to the usual ranges, and the form with two dates. */
export function filterOf(
  { units }: Catalogue,
  { scope, zone }: Ask,
  range: Range,
  now: Date,
): Pick<DashboardPage, 'presets' | 'filter'> {
  const own = [...units.values()].filter(({ id }) => isInScope(scope, id));
  const today = dayIn(now, zone);
  const all = { value: '', label: 'All business units', isSelected: range.unitId === null };
  return {
    presets: presets.map(({ days, words }) => {
      const from = addDays(today, 1 - days);
      const isCurrent = range.to === today && range.from === from;
      return { words, isCurrent, href: adminPaths.dashboard(queryWith(range, { from, to: today })) };
    }),
    filter: {
      ...{ action: adminPaths.dashboard(), from: range.from, to: range.to, today, zone },
      ...(range.hint ? { hint: range.hint } : {}),
      units:
        own.length < 2
          ? []
          : [
              all,
              ...own.map(({ id, name }) => ({
                ...{ value: String(id), label: name, isSelected: id === range.unitId },
              })),
            ],
    },
  };
}
