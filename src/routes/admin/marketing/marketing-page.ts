/** Usage and limits of marketing contacts, with a chart of twelve months. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { allOf } from '../../../domain/filters/filter.js';
import { monthIn } from '../../../domain/marketing/update-date.js';
import { countUsage, readMarketingState, type MarketingState } from '../../../domain/marketing/usage.js';
import { DomainError } from '../../../errors.js';
import { mayRole } from '../../../vocabulary/access.js';
import { counted, figure } from '../../../vocabulary/words.js';
import type { MarketingPage } from '../../../views/admin-marketing-page.js';
import { contactsHref } from '../contacts/filter-links.js';
import { adminFrame } from '../frame.js';
import { get, type AdminRoute } from '../route.js';
import { barOf, longDay, usageState } from './marketing-words.js';

/** Of the chart, in pixels from its top. */
const plot = { top: 25, bottom: 175 };
const length = 12;

export function marketingPageRoutes(deps: Deps): AdminRoute[] {
  return [
    get(adminPatterns.marketing, { may: 'contacts.read', about: 'account' }, async (ask, response) => {
      const state = await readMarketingState(deps);
      const usage = await countUsage(deps).catch((error: unknown) => {
        // The database does not count in time: the last count of a worker is shown.
        if (error instanceof DomainError && error.code === 'DATABASE_AWAY' && state.last) return state.last;
        throw error;
      });
      const { marketing, nonMarketing, untilUpdate } = usage;
      const { limit } = state.settings;
      const leaving = allOf([{ on: 'until-update', of: '', is: 'IS_TRUE', values: [] }]);
      const used = usageState(marketing, limit);
      const month = monthIn(usage.at, ask.zone);
      const months = monthsOf({ ...state.months, [month]: { marketing, nonMarketing } }, month);
      response.send(
        deps.views.page('admin-marketing', {
          ...adminFrame(ask, 'marketing', 'Marketing contacts', {
            saved: { tone: 'good', strong: 'Saved.' },
          }),
          ...(mayRole(ask.user.role, 'marketing.change') ? { manageHref: adminPaths.manageMarketing() } : {}),
          ...(mayRole(ask.user.role, 'settings.read') && { settingsHref: adminPaths.marketingSettings() }),
          ...(used ? { state: used } : {}),
          used: figure(marketing),
          unit:
            limit === null
              ? 'marketing contacts, without a limit'
              : `marketing contacts, of ${figure(limit)} in your plan`,
          ...barOf(marketing, limit),
          facts: [
            { term: 'Non-marketing contacts', text: `${figure(nonMarketing)}, they do not count` },
            { term: 'Next update', text: `${longDay(state.next.at, ask.zone)}, ${cityOf(ask.zone)} time` },
            {
              term: 'Marketing contact until next update',
              text: counted(untilUpdate, 'contact') + (untilUpdate > 0 ? ',' : ''),
              ...(untilUpdate > 0 && {
                href: contactsHref({ ...wholeIndex, filter: leaving }),
                link: 'see or take back',
              }),
            },
          ],
          hint:
            limit === null
              ? 'No limit is set, so nothing warns you.'
              : 'Nothing is blocked at the limit. The dashboard warns at 80 % and at 100 %.',
          chart: chartOf(months, limit),
          months: months.map(({ name, marketing: count }) => ({
            name,
            marketing: count === null ? '–' : figure(count),
          })),
        }),
      );
    }),
  ];
}

/** "Oslo" of `Europe/Oslo`. */
function cityOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

interface Month {
  /** "Dec 2025" */
  name: string;
  short: string;
  /** Null: nothing was counted in this month. */
  marketing: number | null;
}

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });

function monthsOf(known: MarketingState['months'], last: string): Month[] {
  const [year = 0, number = 1] = last.split('-').map(Number);
  return Array.from({ length }, (_, at) => {
    const date = new Date(Date.UTC(year, number - length + at, 1));
    const name = monthFormat.format(date);
    const count = known[date.toISOString().slice(0, 7)];
    return { name, short: name.split(' ')[0] ?? '', marketing: count?.marketing ?? null };
  });
}

function chartOf(months: readonly Month[], limit: number | null): NonNullable<MarketingPage['chart']> {
  const most = Math.max(1, limit ?? 0, ...months.map(({ marketing }) => marketing ?? 0));
  const round = (value: number) => Math.round(value * 10) / 10;
  const yOf = (count: number) => round(plot.bottom - (count / most) * (plot.bottom - plot.top));
  const line = (count: number, isLimit = false) => {
    const y = yOf(count);
    return { y, textY: y + 4, words: figure(count), isLimit };
  };
  const known = months.flatMap((month) => (month.marketing === null ? [] : [month]));
  const [first, last] = [known[0], known.at(-1)];
  const ends = limit === null ? [line(0), line(most)] : [line(0), line(limit, true)];
  const half = Math.round((limit ?? most) / 2);
  return {
    label: `Marketing contacts at the end of each month: ${figure(first?.marketing ?? 0)} in ${first?.name ?? ''}, ${figure(last?.marketing ?? 0)} in ${last?.name ?? ''}. ${limit === null ? 'There is no limit.' : `The limit is ${figure(limit)}.`}`,
    lines: [...ends, ...(half > 0 && half < most ? [line(half)] : [])],
    bars: months.map(({ name, short, marketing }, at) => {
      const y = yOf(marketing ?? 0);
      return {
        ...{ x: round(1.6 + at * (100 / length)), y, height: round(plot.bottom - y) },
        title: `${name}: ${marketing === null ? 'not counted' : figure(marketing)}`,
        ...{ month: short, isOdd: at % 2 === 1 },
      };
    }),
  };
}
