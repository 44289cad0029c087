/** The overview: today compared with the days before, by unit, type, source and campaign; jobs, and open tasks. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { dayAfter, daysUntil, reportOf, type DayTotals } from '../../../domain/counts/report.js';
import { DomainError } from '../../../errors.js';
import { findCampaignCounts, findCounts } from '../../../models/daily-count.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { CountTable, OverviewPage } from '../../../views/admin-overview-page.js';
import { queryOf, wholeOf } from '../form.js';
import { adminFrame } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';
import { nameOfKind } from '../../../domain/consent/actors.js';
import { figure } from '../../../vocabulary/words.js';
import { attentionOf, countJobs, upToMost, type JobTotals } from './attention.js';
import { chartOf, dayWords, figureOrDash, rowsOf } from './chart.js';

const length = 30;
const mostCampaigns = 10;

export function overviewRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.overview,
      may: 'overview.read',
      about: 'nothing',
      handle: async (ask, response) =>
        void response.send(deps.views.page('admin-overview', await pageOf(deps, ask))),
    },
  ];
}

async function pageOf(deps: Deps, ask: Ask): Promise<OverviewPage> {
  const catalogue = await deps.catalogue();
  const unitId = unitAsked(catalogue, ask);
  // Null is the whole account, including counts without a unit: portal-wide opt-outs, bounces.
  const unitIds = unitId === null ? ask.scope : [unitId];
  const now = deps.clock();
  const days = daysUntil(now, length);
  const [from = '', until] = [days[0], dayAfter(now)];
  const [all, campaigns, jobs] = await Promise.all([
    findCounts(deps.models.dailyCounts, from, until),
    findCampaignCounts(deps.models.dailyCounts, { from, until, unitIds, limit: mostCampaigns }),
    countJobs(deps, ask),
  ]);
  const report = reportOf(
    all.filter((count) => isInScope(unitIds, count.unitId)),
    days,
  );
  const chart = chartOf(report);
  const hasBounces = unitIds === null;
  const nameOfUnit = (id: number | null) =>
    id === null ? 'Everything at once' : (catalogue.units.get(id)?.name ?? `Unit ${id}`);
  const tables: CountTable[] = [
    ...(unitId === null && catalogue.units.size > 1
      ? [
          {
            id: 'units',
            caption: 'By business unit',
            head: 'Business unit',
            rows: rowsOf(report.byUnit, nameOfUnit),
          },
        ]
      : []),
    {
      id: 'types',
      caption: 'By subscription type',
      head: 'Type',
      rows: rowsOf(report.byType, (key) =>
        key.typeId === null
          ? key.unitId === null
            ? nameOfUnit(null)
            : `All of ${nameOfUnit(key.unitId)}`
          : (catalogue.types.get(key.typeId)?.name ?? `Type ${key.typeId}`),
      ),
    },
    {
      id: 'sources',
      caption: 'By source',
      head: 'Source',
      rows: rowsOf(report.bySource, nameOfKind),
    },
    {
      id: 'campaigns',
      caption: 'By campaign',
      head: 'Campaign',
      rows: rowsOf(
        campaigns.map(({ campaign, ...totals }) => ({ key: campaign, ...totals })),
        (campaign) => campaign,
      ),
    },
  ];
  const filter = filterOf(catalogue, ask, unitId);
  return {
    ...adminFrame(ask, 'overview', 'Overview'),
    ...(filter ? { filter } : {}),
    attention: await attentionOf(deps, ask, { unitIds, jobs, report }),
    figures: figuresOf(report.days, hasBounces),
    ...(chart ? { chart } : {}),
    days: [...report.days].reverse().map((day) => ({
      day: dayWords(day.day),
      optIns: figureOrDash(day.optIns),
      optOuts: figureOrDash(day.optOuts),
      ...(hasBounces ? { bounces: figureOrDash(day.bounces) } : {}),
    })),
    hasBounces,
    tables: tables.filter(({ rows }) => rows.length > 0),
    jobs: jobLines(jobs),
  };
}

/** @throws DomainError `NOT_FOUND` for a unit outside the user's scope */
function unitAsked({ units }: Catalogue, { request, scope }: Ask): number | null {
  const asked = queryOf(request, 'unit', 10);
  if (asked === undefined) return null;
  const id = wholeOf(asked);
  if (id === null || !units.has(id) || !isInScope(scope, id)) throw new DomainError('NOT_FOUND');
  return id;
}

function filterOf({ units }: Catalogue, { scope }: Ask, chosen: number | null): OverviewPage['filter'] {
  const own = [...units.values()].filter(({ id }) => isInScope(scope, id));
  if (own.length < 2) return undefined;
  return {
    action: adminPaths.overview(),
    units: [
      { value: '', label: 'All business units', isSelected: chosen === null },
      ...own.map(({ id, name }) => ({ value: String(id), label: name, isSelected: id === chosen })),
    ],
  };
}

/** Today is incomplete, so it is compared with an average day, and the text says so. */
function figuresOf(days: DayTotals[], hasBounces: boolean): OverviewPage['figures'] {
  const today = days.at(-1);
  const before = days.slice(0, -1);
  const figureOf = (label: string, of: (day: DayTotals) => number) => {
    const average = before.reduce((sum, day) => sum + of(day), 0) / Math.max(1, before.length);
    const said = average === 0 || average >= 10 ? figure(Math.round(average)) : average.toFixed(1);
    return {
      label,
      value: figure(today ? of(today) : 0),
      sentence: `${said} a day on average before today`,
    };
  };
  return [
    figureOf('Opt-ins today so far', ({ optIns }) => optIns),
    figureOf('Opt-outs today so far', ({ optOuts }) => optOuts),
    ...(hasBounces ? [figureOf('Bounces and complaints today', ({ bounces }) => bounces)] : []),
  ];
}

function jobLines(jobs: JobTotals): OverviewPage['jobs'] {
  return [
    { state: 'Running', count: upToMost(jobs.RUNNING), href: adminPaths.jobs('state=RUNNING') },
    { state: 'In the queue', count: upToMost(jobs.QUEUED), href: adminPaths.jobs('state=QUEUED') },
    {
      state: 'Waiting for confirmation',
      count: upToMost(jobs.WAITING),
      href: adminPaths.jobs('state=WAITING'),
    },
    { state: 'Failed', count: upToMost(jobs.DEAD), href: adminPaths.jobs('state=DEAD') },
  ];
}
