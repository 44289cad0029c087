/** The object of the overview. */
import type { AdminFrame, Option } from './admin-frame.js';

/** The bars of one day: opt-ins up from the zero line, opt-outs down. `x` and `width` are hundredths of the width; the rest is pixels. */
export interface ChartDay {
  x: number;
  width: number;
  up: { y: number; height: number };
  down: { y: number; height: number };
  /** Tooltip of the bar. */
  title: string;
}

/** Positions along the chart are hundredths of its width, so that its text keeps its size in every window. */
export interface Chart {
  label: string;
  /** A summary of the chart. */
  sentence: string;
  legend: { optIns: string; optOuts: string };
  ticks: { y: number; textY: number; words: string; isZero: boolean }[];
  days: ChartDay[];
  /** Every second one is hidden in a narrow window. */
  dayLabels: { x: number; y: number; words: string; isOdd: boolean; isLast: boolean }[];
}

/** One row of a table, with its bars in hundredths of the longest. */
export interface CountRow {
  name: string;
  optIns: string;
  optOuts: string;
  inShare: number;
  outShare: number;
}

export interface CountTable {
  id: string;
  caption: string;
  head: string;
  rows: CountRow[];
}

/** `/admin` */
export interface OverviewPage extends AdminFrame {
  /** Absent for users who reach only one unit. */
  filter?: { action: string; units: Option[] };
  attention: { text: string; href?: string; link?: string; tone: 'stop' | 'warn' }[];
  figures: { label: string; value: string; sentence: string }[];
  /** Absent if nothing was counted. */
  chart?: Chart;
  days: { day: string; optIns: string; optOuts: string; bounces?: string }[];
  hasBounces: boolean;
  tables: CountTable[];
  jobs: { state: string; count: string; href: string }[];
}
