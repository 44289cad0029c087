/** A range without changes: one sentence, the last change before it, and ways on. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { reportOf } from '../../../domain/counts/report.js';
import { dayOfCount, findDaysBefore } from '../../../models/day-count.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { addDays, dayIn } from '../../../vocabulary/time-zones.js';
import { counted } from '../../../vocabulary/words.js';
import type { DashboardPage } from '../../../views/admin-dashboard-page.js';
import type { Ask } from '../route.js';
import { unitName } from './charts.js';
import { fullDay, rangeWords } from './days.js';
import { queryWith, type Range } from './range.js';
import { present } from '../present.js';

/** Days that are read to find the last change. Nearly all have one. */
const mostDays = 50;

export async function quietOf(
  deps: Pick<Deps, 'models' | 'clock'>,
  { scope, zone }: Pick<Ask, 'scope' | 'zone'>,
  { range, catalogue }: { range: Range; catalogue: Catalogue },
): Promise<NonNullable<DashboardPage['quiet']>> {
  const { from, to, unitId, unitIds } = range;
  const before = await findDaysBefore(deps.models.dayCounts, { before: from, unitIds, limit: mostDays });
  const isAct = (key: string) => key.startsWith('OPT_');
  const last = before.find(({ n }) => Object.keys(n).some(isAct));
  const day = last && dayOfCount(last);
  const sums = day && reportOf({ days: before, months: [], from: day, to: day, only: null });
  const everything = scope === null ? 'The account' : 'Your part of the account';
  const whose = unitId === null ? everything : unitName(catalogue, unitId);
  const isUsual = to === dayIn(deps.clock(), zone) && from === addDays(to, -29);
  const parts = sums
    ? [
        ...(sums.optIns > 0 ? [counted(sums.optIns, 'opt-in')] : []),
        ...(sums.optOuts > 0 ? [counted(sums.optOuts, 'opt-out')] : []),
      ]
    : [];
  return {
    heading: `Nobody opted in or out ${from === to ? 'on' : 'from'} ${rangeWords(range)}`,
    sentence: day
      ? `${whose} last had a change on ${fullDay(day)}: ${parts.join(' and ')}.`
      : 'There was no change before either. The first change appears here.',
    links: present([
      day && {
        href: adminPaths.dashboard(queryWith(range, { from: addDays(day, -29), to: day })),
        text: 'Show the days up to it',
      },
      ...(isUsual
        ? []
        : [{ href: adminPaths.dashboard({ unit: unitId ?? '' }), text: 'Show the last 30 days' }]),
      ...(unitId === null
        ? []
        : [{ href: adminPaths.dashboard(queryWith(range, { unitId: null })), text: 'All business units' }]),
    ]),
  };
}
