/** The dashboard: changes over time, by unit, type, source and campaign; reasons, bounces, subscribers, marketing contacts, jobs, and open tasks. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { readReport } from '../../../domain/counts/report.js';
import { readMarketingState } from '../../../domain/marketing/usage.js';
import { DomainError } from '../../../errors.js';
import type { DashboardPage } from '../../../views/admin-dashboard-page.js';
import { sendCsv } from '../csv-file.js';
import { queryOf } from '../form.js';
import { adminFrame } from '../frame.js';
import { get, type AdminRoute, type Ask } from '../route.js';
import { attentionOf, countJobs, upToMost, type JobTotals } from './attention.js';
import { bouncesOf, changesOf, marketingOf, tablesOf, whyOf } from './cards.js';
import { charts, type ChartName, type Shown } from './charts.js';
import { growthOf } from './growth.js';
import { quietOf } from './quiet.js';
import { filterOf, rangeOf, type Range } from './range.js';

export function dashboardRoutes(deps: Deps): AdminRoute[] {
  return [
    get(
      adminPatterns.dashboard,
      { may: 'dashboard.read', about: 'nothing' },
      async (ask, response) =>
        void response.send(deps.views.page('admin-dashboard', await pageOf(deps, ask))),
    ),
    get(adminPatterns.dashboardFile, { may: 'dashboard.read', about: 'nothing' }, async (ask, response) => {
      const name = queryOf(ask.request, 'chart', 20) ?? 'changes';
      const { range, shown } = await shownOf(deps, ask);
      const chart = isChart(name) ? charts[name] : null;
      const rows = chart?.rows(shown) ?? null;
      if (!chart || !rows) throw new DomainError('NOT_FOUND');
      const file = `dashboard-${name}-${range.from}-to-${range.to}.csv`;
      await sendCsv(response, file, chart.columns, textsOf(rows));
    }),
  ];
}

function isChart(name: string): name is ChartName {
  return Object.hasOwn(charts, name);
}

async function* textsOf(rows: readonly (string | number)[][]): AsyncGenerator<string[]> {
  for (const row of rows) yield row.map(String);
}

async function shownOf(deps: Deps, ask: Ask): Promise<{ range: Range; shown: Shown }> {
  const catalogue = await deps.catalogue();
  const range = rangeOf(catalogue, ask, deps.clock());
  const [report, marketing] = await Promise.all([
    readReport(deps.models, range, range.only),
    ask.scope === null ? readMarketingState(deps) : null,
  ]);
  return { range, shown: { report, catalogue, marketing, isWholeAccount: range.unitIds === null } };
}

async function pageOf(deps: Deps, ask: Ask): Promise<DashboardPage> {
  const [{ range, shown }, jobs] = await Promise.all([shownOf(deps, ask), countJobs(deps, ask)]);
  const { report, catalogue, marketing, isWholeAccount } = shown;
  const isQuiet = report.optIns + report.optOuts === 0;
  const growth = growthOf(report, catalogue, range);
  const bounces = isWholeAccount ? bouncesOf(report, range) : undefined;
  const why = whyOf(report, range);
  return {
    ...adminFrame(ask, 'dashboard', 'Dashboard'),
    ...filterOf(catalogue, ask, range, deps.clock()),
    attention: await attentionOf(deps, ask, { unitIds: range.unitIds, jobs, marketing }),
    ...(isQuiet
      ? { quiet: await quietOf(deps, ask, { range, catalogue }) }
      : { changes: changesOf(shown, range) }),
    tables: isQuiet ? [] : tablesOf(shown, range),
    ...(why ? { why } : {}),
    ...(bounces ? { bounces } : {}),
    ...(growth ? { growth } : {}),
    ...(marketing?.last && { marketing: marketingOf(marketing, marketing.last, { range, zone: ask.zone }) }),
    jobs: jobLines(jobs),
  };
}

/** Only states that have jobs. */
function jobLines(jobs: JobTotals): DashboardPage['jobs'] {
  const names = {
    RUNNING: 'Running',
    QUEUED: 'In the queue',
    WAITING: 'Waiting for confirmation',
    DEAD: 'Failed',
  };
  return (['RUNNING', 'QUEUED', 'WAITING', 'DEAD'] as const)
    .filter((state) => jobs[state] > 0)
    .map((state) => ({
      ...{ state: names[state], count: upToMost(jobs[state]), href: adminPaths.jobs(`state=${state}`) },
    }));
}
