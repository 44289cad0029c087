/** What the overview is given. */
import type { AdminFrame, Option } from './admin-frame.js';

/** The bars of one day: opt-ins up from the zero line, opt-outs down. `x` and `width` are hundredths of the width; the rest is pixels. */
export interface ChartDay {
  x: number;
  width: number;
  up: { y: number; height: number };
  down: { y: number; height: number };
  /** Shown by a pointer that rests on it. */
  title: string;
}

/** Positions along the chart are hundredths of its width, so that its letters keep their size in every window. */
export interface Chart {
  label: string;
  /** What there is to see. */
  sentence: string;
  legend: { optIns: string; optOuts: string };
  ticks: { y: number; textY: number; words: string; isZero: boolean }[];
  days: ChartDay[];
  /** Every second one is left out in a narrow window. */
  dayLabels: { x: number; y: number; words: string; isOdd: boolean; isLast: boolean }[];
}

/** One line of a table, with its bars in hundredths of the longest. */
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

/** `/` of the staff's side. */
export interface OverviewPage extends AdminFrame {
  /** Absent for somebody who reaches one unit alone. */
  filter?: { action: string; units: Option[] };
  attention: { text: string; href?: string; link?: string; tone: 'stop' | 'warn' }[];
  figures: { label: string; value: string; sentence: string }[];
  /** Absent where nothing was counted. */
  chart?: Chart;
  days: { day: string; optIns: string; optOuts: string; bounces?: string }[];
  hasBounces: boolean;
  tables: CountTable[];
  jobs: { state: string; count: string; href: string }[];
}

export interface OverviewPages {
  'admin-overview': OverviewPage;
}
