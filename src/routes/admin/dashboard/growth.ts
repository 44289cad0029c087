/** Small charts of the subscribers of each type, on one scale, with a table of the same numbers. */
import { adminPaths } from '../../../admin-paths.js';
import type { CountReport } from '../../../domain/counts/report.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { figure } from '../../../vocabulary/words.js';
import type { GrowthCard, GrowthChart } from '../../../views/admin-dashboard-page.js';
import { typeName, unitName } from './charts.js';
import { dayWords, rangeWords, shortDay } from './days.js';
import { round, stepName } from './plot.js';
import { queryWith, type Range } from './range.js';

/** The largest types have a chart; the file has all of them. */
const mostCharts = 12;
/** Of the small charts, in their own units. */
const box = { width: 100, top: 4, bottom: 70 };

/** @returns undefined without any subscriber */
export function growthOf(report: CountReport, catalogue: Catalogue, range: Range): GrowthCard | undefined {
  const all = report.growth.filter(({ points }) => points.some((n) => n !== 0));
  const shown = all.slice(0, mostCharts);
  if (shown.length === 0) return undefined;
  const most = Math.max(1, ...shown.flatMap(({ points }) => points));
  const chart = ({ typeId, unitId, points }: (typeof shown)[number]): GrowthChart => {
    const [first = 0, now = 0] = [points[0], points.at(-1)];
    const change = now - first;
    const y = (n: number) => round(box.bottom - (Math.max(0, n) / most) * (box.bottom - box.top));
    const x = (at: number) => round((at / (points.length - 1)) * box.width);
    return {
      name: typeName(catalogue, { key: String(typeId), unitId }),
      unit: unitName(catalogue, unitId),
      ...{ now: figure(now), first: figure(first) },
      change: change === 0 ? 'unchanged' : `${figure(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'}`,
      tone: change === 0 ? '' : change > 0 ? 'good' : 'stop',
      line: points.map((n, at) => `${x(at)},${y(n)}`).join(' '),
    };
  };
  const left = all.length - shown.length;
  return {
    charts: shown.map(chart),
    heads: [
      stepName(report.steps),
      ...shown.map((one) => typeName(catalogue, { ...one, key: String(one.typeId) })),
    ],
    rows: report.steps.map(({ to }, at) => ({
      step: shortDay(to),
      numbers: shown.map(({ points }) => figure(points[at + 1] ?? 0)),
    })),
    hint: `${rangeWords(range)}.${shown.length > 1 ? ` All charts have the same scale, from 0 to ${figure(most)}.` : ''}${left > 0 ? ` The file has ${figure(left)} more.` : ''}`,
    ...{ firstDay: dayWords(range.from), lastDay: dayWords(range.to) },
    csvHref: adminPaths.dashboardFile(queryWith(range, { chart: 'subscribers' })),
  };
}
