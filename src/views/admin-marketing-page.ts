/** The page of marketing contacts: usage, limit, the next update, and twelve months. */
import type { AdminFrame, State } from './admin-frame.js';

/** `/marketing` */
export interface MarketingPage extends AdminFrame {
  manageHref?: string;
  settingsHref?: string;
  /** Absent without a limit. */
  state?: State;
  /** "1,842", and "marketing contacts, of 2,000 in your plan". */
  used: string;
  unit: string;
  /** In hundredths of the width. */
  bar?: { share: number; label: string; isWarning: boolean; warnFrom: string; limit: string };
  facts: { term: string; text: string; href?: string; link?: string }[];
  hint: string;
  chart?: {
    label: string;
    /** Positions in pixels from the top; along it, hundredths of the width. */
    lines: { y: number; textY: number; words: string; isLimit: boolean }[];
    bars: { x: number; y: number; height: number; title: string; month: string; isOdd: boolean }[];
  };
  months: { name: string; marketing: string }[];
}
