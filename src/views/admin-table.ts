/** A table of the admin pages: its columns, and the parts of a cell. */
import type { Progress, State } from './admin-frame.js';

/** One cell. A cell has the parts that it needs, in this order. */
export interface ListCell {
  /** The target of the cell's text. */
  href?: string;
  text?: string;
  /** Short words beside the text, such as "You". */
  chips?: string[];
  state?: State;
  progress?: Progress;
  time?: { iso: string; words: string };
  picture?: { src: string; alt: string; look: 'logo' | 'swatch' };
  /** A check box. `about` is its label, for screen readers. */
  pick?: { name: string; value: string; isTicked: boolean; about: string };
  /** Smaller text under the rest. */
  note?: string;
  /** Two buttons that move the row up and down. */
  moves?: { action: string; about: string; isFirst: boolean; isLast: boolean };
  /** A form with one button. With `warning`, the button is behind a disclosure that explains the effect. */
  act?: {
    action: string;
    button: string;
    /** The subject of the button, for screen readers. */
    about: string;
    name?: string;
    value?: string;
    warning?: string;
    confirm?: string;
  };
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
