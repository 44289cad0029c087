/** The cards of the dashboard: changes and bounces over time, tables with bars, and reasons. */
import { adminPaths } from '../../../admin-paths.js';
import type { CountReport, Only, Totals } from '../../../domain/counts/report.js';
import type { MarketingState, Usage } from '../../../domain/marketing/usage.js';
import { capital, counted, figure } from '../../../vocabulary/words.js';
import type { ChartCard, CountRow, CountTable, DashboardPage } from '../../../views/admin-dashboard-page.js';
import { barOf, longDay } from '../marketing/marketing-words.js';
import {
  campaignName,
  rankedReasons,
  sourceName,
  typeName,
  unitName,
  type ChartName,
  type Shown,
} from './charts.js';
import { rangeWords, shortDay } from './days.js';
import { chartOf, round, sentenceOf, stepName, type Direction } from './plot.js';
import { queryWith, type Range } from './range.js';
import { present } from '../present.js';

const optIns: Direction = { of: (step) => step.optIns, one: 'opt-in', many: 'opt-ins', className: 'in' };
const optOuts: Direction = { of: (step) => step.optOuts, one: 'opt-out', many: 'opt-outs', className: 'out' };
const bounces: Direction = { of: (step) => step.bounces, one: 'bounce', many: 'bounces', className: 'used' };
const complaints: Direction = {
  ...{ of: (step) => step.complaints, one: 'complaint', many: 'complaints', className: 'amber' },
};

const fileOf = (range: Range, chart: ChartName) => adminPaths.dashboardFile(queryWith(range, { chart }));

/** Opt-ins and opt-outs over time, of everything or of one type, source or campaign. */
export function changesOf(shown: Shown, range: Range): ChartCard {
  const { report } = shown;
  const part = range.only && nameOf(range.only, shown);
  const sum = (of: Direction['of']) => report.steps.reduce((total, step) => total + of(step), 0);
  return {
    ...{ id: 'changes', heading: `Opt-ins and opt-outs${part ? `: ${part}` : ''}` },
    sentence: sentenceOf(sum(optIns.of), sum(optOuts.of)),
    none: `${part ?? 'This part'} had no change from ${rangeWords(range)}.`,
    ...stepsOf(report, [optIns, optOuts]),
    csvHref: fileOf(range, 'changes'),
    ...(part ? { allHref: adminPaths.dashboard(queryWith(range, { only: null })) } : {}),
  };
}

/** Undefined if there were none: bounces are not shown as zeros. */
export function bouncesOf(report: CountReport, range: Range): ChartCard | undefined {
  if (report.bounces + report.complaints === 0) return undefined;
  return {
    ...{ id: 'bounces', heading: 'Bounces and complaints', none: '' },
    sentence: 'Bounces and complaints are not opt-outs. They concern an address in all business units.',
    ...stepsOf(report, [bounces, complaints]),
    csvHref: fileOf(range, 'bounces'),
  };
}

function stepsOf(
  { steps }: CountReport,
  [above, below]: [Direction, Direction],
): Pick<ChartCard, 'chart' | 'heads' | 'rows'> {
  const chart = chartOf(steps, above, below);
  return {
    ...(chart ? { chart } : {}),
    heads: { step: stepName(steps), above: capital(above.many), below: capital(below.many) },
    rows: steps.toReversed().map((step) => ({
      step: step.from === step.to ? shortDay(step.from) : `${shortDay(step.from)} to ${shortDay(step.to)}`,
      ...{ above: figureOrDash(above.of(step)), below: figureOrDash(below.of(step)) },
    })),
  };
}

function nameOf({ what, key }: Only, { catalogue }: Shown): string {
  if (what === 'source') return sourceName(key);
  if (what === 'campaign') return campaignName(key);
  return typeName(catalogue, { key, unitId: null });
}

/** By unit, type, source and campaign. Each row leads to the chart of its own. */
export function tablesOf({ report, catalogue }: Shown, range: Range): CountTable[] {
  const of = (only: Only) => adminPaths.dashboard(queryWith(range, { only }));
  const table = (id: ChartName, caption: string, head: string, rows: CountRow[]): CountTable => ({
    ...{ id, caption, head, rows, csvHref: fileOf(range, id) },
  });
  const tables = present([
    (range.unitIds?.length ?? catalogue.units.size) > 1 &&
      table(
        ...(['units', 'By business unit', 'Business unit'] as const),
        rowsOf(report.byUnit, ({ unitId }) => ({
          name: unitName(catalogue, unitId),
          ...(unitId === null
            ? {}
            : { href: adminPaths.dashboard(queryWith(range, { unitId, only: null })) }),
        })),
      ),
    table(
      ...(['types', 'By subscription type', 'Type'] as const),
      rowsOf(report.byType, (one) => ({
        name: typeName(catalogue, one),
        ...(one.key === '' ? {} : { href: of({ what: 'type', key: one.key }) }),
      })),
    ),
    table(
      ...(['sources', 'By source', 'Source'] as const),
      rowsOf(report.bySource, ({ key }) => ({ name: sourceName(key), href: of({ what: 'source', key }) })),
    ),
    table(
      ...(['campaigns', 'By campaign', 'Campaign'] as const),
      rowsOf(report.byCampaign, ({ key }) => ({
        name: campaignName(key),
        href: of({ what: 'campaign', key }),
      })),
    ),
  ]);
  return tables.filter(({ rows }) => rows.length > 0);
}

/** The largest rows; the others are one row. */
function rowsOf(
  totals: readonly Totals[],
  about: (one: Totals) => Pick<CountRow, 'name' | 'href'>,
  limit = 10,
): CountRow[] {
  const rest = totals.slice(limit);
  const sum = (field: 'optIns' | 'optOuts') => rest.reduce((total, one) => total + one[field], 0);
  const shown = present([
    ...totals.slice(0, limit).map((one) => ({ ...about(one), ins: one.optIns, outs: one.optOuts })),
    rest.length > 0 && { name: `${figure(rest.length)} more`, ins: sum('optIns'), outs: sum('optOuts') },
  ]);
  const most = Math.max(1, ...shown.flatMap(({ ins, outs }) => [ins, outs]));
  return shown.map(({ ins, outs, ...row }) => ({
    ...row,
    ...{ optIns: figureOrDash(ins), optOuts: figureOrDash(outs) },
    ...{ inShare: round((ins / most) * 100), outShare: round((outs / most) * 100) },
  }));
}

/** Why people unsubscribe; undefined if nobody gave a reason. */
export function whyOf(report: CountReport, range: Range): DashboardPage['why'] {
  const ranked = rankedReasons(report);
  const most = ranked[0]?.n ?? 0;
  const given = ranked.reduce((sum, { n }) => sum + n, 0);
  if (given === 0) return undefined;
  return {
    reasons: ranked.map(({ name, n }) => ({
      ...{ name, count: figure(n), share: round((n / most) * 100) },
      percent: `${Math.round((n / given) * 100)} %`,
    })),
    sentence: `${counted(given, 'reason')} for ${counted(report.optOuts, 'opt-out')}. Nobody has to give one.`,
    csvHref: fileOf(range, 'reasons'),
  };
}

/** Usage of the account, as a worker counted it some minutes ago. */
export function marketingOf(
  { settings: { limit }, next }: MarketingState,
  { marketing, untilUpdate }: Usage,
  { range, zone }: { range: Range; zone: string },
): NonNullable<DashboardPage['marketing']> {
  const leaving = untilUpdate === 0 ? 'nobody' : figure(untilUpdate);
  return {
    used: figure(marketing),
    unit: limit === null ? 'marketing contacts, without a limit' : `of ${figure(limit)} in your plan`,
    ...barOf(marketing, limit),
    facts: [
      {
        term: 'Next update',
        text: `${longDay(next.at, zone)}: ${leaving} ${untilUpdate > 1 ? 'become' : 'becomes'} non-marketing`,
      },
    ],
    ...{ href: adminPaths.marketing(), csvHref: fileOf(range, 'marketing') },
  };
}

/** "1,200", or a dash for none. */
function figureOrDash(count: number): string {
  return count === 0 ? '–' : figure(count);
}
