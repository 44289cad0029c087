/** What the overview is given. */
import type { AdminFrame, Option } from './admin-pages.js';

/** A column of the chart: opt-ins up from the line in the middle, opt-outs down. */
export interface ChartDay {
  x: number;
  width: number;
  up: { y: number; height: number };
  down: { y: number; height: number };
  isToday: boolean;
  /** Shown by a pointer that rests on it. */
  title: string;
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
  figures: { label: string; value: string; sentence: string; tone: 'in' | 'out' | 'none' }[];
  /** Absent where nothing was counted. */
  chart?: {
    label: string;
    width: number;
    height: number;
    middle: number;
    days: ChartDay[];
    from: string;
    to: string;
    most: string;
  };
  days: { day: string; optIns: string; optOuts: string; bounces?: string }[];
  hasBounces: boolean;
  tables: CountTable[];
  jobs: { state: string; count: string; href: string }[];
}

export interface OverviewPages {
  'admin-overview': OverviewPage;
}
