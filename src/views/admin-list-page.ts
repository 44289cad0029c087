/** What the one template of every list page is given: filters, a table, and the links to more. */
import type { AdminFrame, Option, Progress, State } from './admin-frame.js';
import type { CrumbLink } from './admin-frame.js';

/** One cell. A cell has the parts that it needs, in this order. */
export interface ListCell {
  /** Where the cell's text leads. */
  href?: string;
  text?: string;
  /** Short words beside the text, such as "You". */
  chips?: string[];
  state?: State;
  progress?: Progress;
  time?: { iso: string; words: string };
  picture?: { src: string; alt: string; look: 'logo' | 'swatch' };
  /** Smaller text under the rest. */
  note?: string;
  /** Two buttons that move the row up and down. */
  moves?: { action: string; about: string; isFirst: boolean; isLast: boolean };
  /** A form with one button. With `warning`, the button is behind a disclosure that says what follows. */
  act?: { action: string; button: string; about: string; warning?: string; confirm?: string };
}

export interface ListColumn {
  heading: string;
  isNumeric: boolean;
}

/** A table, which narrow windows show as cards. */
export interface ListTable {
  label: string;
  columns: ListColumn[];
  rows: {
    /** For links to the row. */
    id?: string;
    /** `label` is the heading of the cell's column, for narrow windows. */
    cells: (ListCell & { label: string; isNumeric: boolean; isFirst: boolean })[];
  }[];
}

export type ListFilterField =
  | { isSelect: true; name: string; label: string; options: Option[] }
  | { isSelect: false; name: string; label: string; value: string };

/** `/jobs`, `/settings/users`, `/settings/keys` and every other list page. */
export interface AdminListPage extends AdminFrame {
  crumbs: CrumbLink[];
  heading: string;
  lead?: string;
  main?: { href: string; label: string };
  filters?: { action: string; fields: ListFilterField[]; clearHref?: string };
  table: ListTable;
  empty: { heading: string; sentence: string };
  newestHref?: string;
  olderHref?: string;
  /** Seconds after which a browser without scripts loads the page again. */
  refresh?: number;
}
