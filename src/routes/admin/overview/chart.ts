/** A chart of thirty days: positions for the bars, the axes and their labels, which the page puts into an SVG without a viewBox. */
import type { CountReport, Totals } from '../../../domain/counts/report.js';
import type { ChartDay, CountRow, OverviewPage } from '../../../views/admin-overview-page.js';
import { counted, figure } from '../../../vocabulary/words.js';

/** In pixels. Positions along the other side are hundredths of the width. */
const size = { top: 14, bottom: 224, dayLabels: 248 };
const mostTicks = 5;
const daysPerLabel = 7;
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const shortFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "2 March" */
export function dayWords(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

/** @returns undefined if no day has a count */
export function chartOf({ days }: Pick<CountReport, 'days'>): OverviewPage['chart'] {
  const optIns = days.reduce((sum, day) => sum + day.optIns, 0);
  const optOuts = days.reduce((sum, day) => sum + day.optOuts, 0);
  const [first, last] = [days[0], days.at(-1)];
  if (optIns + optOuts === 0 || !first || !last) return undefined;
  const up = Math.max(...days.map((day) => day.optIns));
  const down = Math.max(...days.map((day) => day.optOuts));
  const step = tickStep(up, down);
  const ticksUp = Math.ceil(up / step);
  const ticksDown = Math.ceil(down / step);
  const perTick = (size.bottom - size.top) / (ticksUp + ticksDown);
  const zero = size.top + ticksUp * perTick;
  const pixels = (count: number) => (count === 0 ? 0 : Math.max(2, round((count / step) * perTick)));
  const width = 100 / days.length;
  const isLast = (at: number) => at + daysPerLabel > days.length;
  const drawn = days.map((day, at): ChartDay => {
    const height = { up: pixels(day.optIns), down: pixels(day.optOuts) };
    return {
      x: round(at * width + width * 0.1),
      width: round(width * 0.8),
      up: { y: round(zero - height.up), height: height.up },
      down: { y: round(zero + 1), height: height.down },
      title: `${dayWords(day.day)}: ${figure(day.optIns)} opted in, ${figure(day.optOuts)} opted out`,
    };
  });
  return {
    label: `Opt-ins and opt-outs of each day from ${dayWords(first.day)} to ${dayWords(last.day)}. The table below has the numbers.`,
    sentence: sentenceOf(optIns, optOuts),
    legend: { optIns: counted(optIns, 'opt-in'), optOuts: counted(optOuts, 'opt-out') },
    ticks: Array.from({ length: ticksUp + ticksDown + 1 }, (_, at) => ({
      y: round(size.top + at * perTick),
      textY: round(size.top + at * perTick + 4),
      words: figure(Math.abs(ticksUp - at) * step),
      isZero: at === ticksUp,
    })),
    days: drawn,
    dayLabels: days.flatMap(({ day }, at) =>
      at % daysPerLabel === 0
        ? [
            {
              // A label of the last days ends with its bar, so that it is not cut off.
              x: round(at * width + width * (isLast(at) ? 0.9 : 0.1)),
              y: size.dayLabels,
              words: shortFormat.format(new Date(`${day}T00:00:00Z`)),
              isOdd: (at / daysPerLabel) % 2 === 1,
              isLast: isLast(at),
            },
          ]
        : [],
    ),
  };
}

/** The smallest of 1, 2, 5, 10, 20 … with which both directions together need few lines. */
function tickStep(up: number, down: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [power, 2 * power, 5 * power])
      if (Math.ceil(up / step) + Math.ceil(down / step) <= mostTicks) return step;
}

/** A summary of the chart, above it. */
function sentenceOf(optIns: number, optOuts: number): string {
  if (optOuts === 0) return 'Contacts opted in, and none opted out.';
  if (optIns === 0) return 'Contacts opted out, and none opted in.';
  if (optIns === optOuts) return 'As many opt-ins came as opt-outs.';
  const [more, fewer] = optIns > optOuts ? [optIns, optOuts] : [optOuts, optIns];
  const times = more / fewer;
  const said = times >= 2 ? `${figure(Math.floor(times))} times as many` : 'More';
  return optIns > optOuts
    ? `${said} opt-ins ${times >= 2 ? 'as' : 'than'} opt-outs came in these thirty days.`
    : `${said} opt-outs ${times >= 2 ? 'as' : 'than'} opt-ins came in these thirty days.`;
}

/** Rows of a table up to a maximum; the rest is one row. A zero is shown as a dash. */
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
    optIns: figureOrDash(optIns),
    optOuts: figureOrDash(optOuts),
    inShare: round((optIns / most) * 100),
    outShare: round((optOuts / most) * 100),
  }));
}

/** "1,200", or a dash for none */
export function figureOrDash(count: number): string {
  return count === 0 ? '–' : figure(count);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
