/** The object of the dashboard. */
import type { AdminFrame, Option } from './admin-frame.js';
import type { MarketingPage } from './admin-marketing-page.js';

/** The bars of one step: one direction up from the zero line, the other down. `x` and `width` are hundredths of the width; the rest is pixels. */
export interface ChartBar {
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
  legend: { above: string; below: string };
  /** Colours of the two directions. */
  aboveClass: string;
  belowClass: string;
  ticks: { y: number; textY: number; words: string; isZero: boolean }[];
  bars: ChartBar[];
  /** Every second one is hidden in a narrow window. */
  labels: { x: number; y: number; words: string; isOdd: boolean; isLast: boolean }[];
}

/** A chart of the steps of the range, with its table and its file. */
export interface ChartCard {
  id: string;
  heading: string;
  sentence?: string;
  chart?: Chart;
  /** Instead of a chart without a count. */
  none: string;
  /** Heads of the table's three columns. */
  heads: { step: string; above: string; below: string };
  rows: { step: string; above: string; below: string }[];
  csvHref: string;
  /** The whole chart again, if it shows only a part. */
  allHref?: string;
}

/** One row of a table, with its bars in hundredths of the longest. */
export interface CountRow {
  name: string;
  /** The chart above for this row only. */
  href?: string;
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
  csvHref: string;
}

/** Subscribers of one type: the line of a small chart, of the size 100 by 72. */
export interface GrowthChart {
  name: string;
  unit: string;
  now: string;
  change: string;
  tone: 'good' | 'stop' | '';
  line: string;
  first: string;
}

export interface GrowthCard {
  charts: GrowthChart[];
  heads: string[];
  rows: { step: string; numbers: string[] }[];
  hint: string;
  firstDay: string;
  lastDay: string;
  csvHref: string;
}

/** `/admin` */
export interface DashboardPage extends AdminFrame {
  presets: { words: string; href: string; isCurrent: boolean }[];
  filter: {
    action: string;
    from: string;
    to: string;
    today: string;
    zone: string;
    /** Empty for users who reach only one unit. */
    units: Option[];
    hint?: string;
  };
  attention: { strong?: string; text: string; href?: string; link?: string; tone: 'stop' | 'warn' }[];
  /** Instead of the charts of changes, if there were none. */
  quiet?: { heading: string; sentence: string; links: { href: string; text: string }[] };
  changes?: ChartCard;
  tables: CountTable[];
  why?: {
    reasons: { name: string; count: string; share: number; percent: string }[];
    sentence: string;
    csvHref: string;
  };
  bounces?: ChartCard;
  growth?: GrowthCard;
  marketing?: Pick<MarketingPage, 'used' | 'unit' | 'bar' | 'facts'> & { href: string; csvHref: string };
  jobs: { state: string; count: string; href: string }[];
}
