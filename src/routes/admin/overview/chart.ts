/** Thirty days as a drawing: numbers for the rectangles, which the page puts into an SVG. */
import type { CountReport, Totals } from '../../../domain/counts/report.js';
import { figure } from '../words.js';
import type { ChartDay, CountRow, OverviewPage } from '../../../views/admin-overview-page.js';

const size = { width: 900, height: 220, middle: 120, gap: 6 };
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });

/** "2 March" */
export function dayWords(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

/** @returns nothing where there is nothing to draw */
export function chartOf({ days }: Pick<CountReport, 'days'>): OverviewPage['chart'] {
  const most = Math.max(...days.flatMap(({ optIns, optOuts }) => [optIns, optOuts]));
  const [first, last] = [days[0], days.at(-1)];
  if (most === 0 || !first || !last) return undefined;
  const step = size.width / days.length;
  // Both directions by one measure, so that a day can be read at a glance.
  const scale = Math.min(size.middle - 12, size.height - size.middle - 12) / most;
  const drawn = days.map((day, at): ChartDay => {
    const [up, down] = [lengthOf(day.optIns * scale), lengthOf(day.optOuts * scale)];
    return {
      x: round(at * step + size.gap / 2),
      width: round(step - size.gap),
      up: { y: round(size.middle - 1 - up), height: up },
      down: { y: size.middle + 1, height: down },
      isToday: day === last,
      title: `${dayWords(day.day)}: ${figure(day.optIns)} in, ${figure(day.optOuts)} out`,
    };
  });
  return {
    label: `Opt-ins and opt-outs of each day from ${dayWords(first.day)} to ${dayWords(last.day)}; the numbers are in the table below.`,
    ...{ width: size.width, height: size.height, middle: size.middle, days: drawn },
    from: dayWords(first.day),
    to: 'today',
    most: figure(most),
  };
}

/** Lines of a table, at most so many; the rest is one line. */
export function rowsOf<Key>(totals: Totals<Key>[], nameOf: (key: Key) => string, limit = 10): CountRow[] {
  const rest = totals.slice(limit);
  const shown = totals
    .slice(0, limit)
    .map(({ key, optIns, optOuts }) => ({ name: nameOf(key), optIns, optOuts }));
  if (rest.length > 0)
    shown.push({
      name: `${rest.length} more`,
      optIns: rest.reduce((sum, { optIns }) => sum + optIns, 0),
      optOuts: rest.reduce((sum, { optOuts }) => sum + optOuts, 0),
    });
  const most = Math.max(1, ...shown.flatMap(({ optIns, optOuts }) => [optIns, optOuts]));
  return shown.map(({ name, optIns, optOuts }) => ({
    name,
    optIns: figure(optIns),
    optOuts: figure(optOuts),
    inShare: round((optIns / most) * 100),
    outShare: round((optOuts / most) * 100),
  }));
}

/** What there is, however little, can be seen. */
function lengthOf(length: number): number {
  return length === 0 ? 0 : Math.max(2, round(length));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
