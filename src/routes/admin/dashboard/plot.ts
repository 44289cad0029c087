/** A chart of the steps of a range: positions for the bars, the axes and their labels, which the page puts into an SVG without a viewBox. */
import type { Step } from '../../../domain/counts/report.js';
import type { Chart } from '../../../views/admin-dashboard-page.js';
import { capital, counted, figure } from '../../../vocabulary/words.js';
import { dayWords, rangeWords, shortDay } from './days.js';

/** In pixels. Positions along the other side are hundredths of the width. */
const size = { top: 14, bottom: 224, labels: 248 };
const mostTicks = 5;
const mostLabels = 6;

/** One direction of the bars: its figure of a step, and its name. */
export interface Direction {
  of: (step: Step) => number;
  one: string;
  many: string;
  className: string;
}

/** @returns undefined if no step has a count */
export function chartOf(steps: readonly Step[], above: Direction, below: Direction): Chart | undefined {
  const up = Math.max(...steps.map(above.of));
  const down = Math.max(...steps.map(below.of));
  const [first, last] = [steps[0], steps.at(-1)];
  if (up + down === 0 || !first || !last) return undefined;
  const tick = tickStep(up, down);
  const [ticksUp, ticksDown] = [Math.ceil(up / tick), Math.ceil(down / tick)];
  const perTick = (size.bottom - size.top) / (ticksUp + ticksDown);
  const zero = size.top + ticksUp * perTick;
  const pixels = (count: number) => (count === 0 ? 0 : Math.max(2, round((count / tick) * perTick)));
  const width = 100 / steps.length;
  const isWeekly = steps.some(({ from, to }) => from !== to);
  const words = ({ from }: Step) => (isWeekly ? `Week of ${shortDay(from)}` : dayWords(from));
  const sum = ({ of, one, many }: Direction) =>
    counted(
      steps.reduce((total, step) => total + of(step), 0),
      one,
      many,
    );
  const most = ({ of, many }: Direction, count: number) => {
    const at = steps.find((step) => of(step) === count);
    return at && count > 0 ? ` Most ${many}: ${figure(count)}, ${words(at).replace(/^W/, 'w')}.` : '';
  };
  const perLabel = Math.ceil(steps.length / mostLabels);
  const labelled = steps.flatMap((step, at) => (at % perLabel === 0 ? [{ step, at }] : []));
  return {
    label: `${capital(above.many)} and ${below.many} of each ${isWeekly ? 'week' : 'day'}, ${rangeWords({ from: first.from, to: last.to })}.${most(above, up)}${most(below, down)} The table below has the numbers.`,
    legend: { above: `${sum(above)}, up`, below: `${sum(below)}, down` },
    ...{ aboveClass: above.className, belowClass: below.className },
    ticks: Array.from({ length: ticksUp + ticksDown + 1 }, (_, at) => ({
      ...{ y: round(size.top + at * perTick), textY: round(size.top + at * perTick + 4) },
      ...{ words: figure(Math.abs(ticksUp - at) * tick), isZero: at === ticksUp },
    })),
    bars: steps.map((step, at) => {
      const height = { up: pixels(above.of(step)), down: pixels(below.of(step)) };
      return {
        ...{ x: round(at * width + width * 0.1), width: round(width * 0.8) },
        up: { y: round(zero - height.up), height: height.up },
        down: { y: round(zero + 1), height: height.down },
        title: `${words(step)}: ${counted(above.of(step), above.one, above.many)}, ${counted(below.of(step), below.one, below.many)}`,
      };
    }),
    labels: labelled.map(({ step, at }, index) => {
      // A label at the end begins before its bar, so that it is not cut off.
      const isLast = index > 0 && at + perLabel / 2 >= steps.length;
      return {
        ...{
          x: round(at * width + width * (isLast ? 0.9 : 0.1)),
          y: size.labels,
          words: shortDay(step.from),
        },
        ...{ isOdd: index % 2 === 1, isLast },
      };
    }),
  };
}

/** "Day", or "Week from Monday". */
export function stepName(steps: readonly Step[]): string {
  return steps.some(({ from, to }) => from !== to) ? 'Week' : 'Day';
}

/** The smallest of 1, 2, 5, 10, 20 … with which both directions together need few lines. */
function tickStep(up: number, down: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [power, 2 * power, 5 * power])
      if (Math.ceil(up / step) + Math.ceil(down / step) <= mostTicks) return step;
}

/** A summary of the chart, above it. */
export function sentenceOf(optIns: number, optOuts: number): string {
  if (optOuts === 0) return 'Contacts opted in, and none opted out.';
  if (optIns === 0) return 'Contacts opted out, and none opted in.';
  if (optIns === optOuts) return 'As many opt-ins came as opt-outs.';
  const [more, fewer] = optIns > optOuts ? ['opt-ins', 'opt-outs'] : ['opt-outs', 'opt-ins'];
  const times = Math.max(optIns, optOuts) / Math.min(optIns, optOuts);
  return times >= 2
    ? `${figure(round(times))} times as many ${more} as ${fewer} came in this time.`
    : `More ${more} than ${fewer} came in this time.`;
}

/** One decimal: positions in an SVG. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
