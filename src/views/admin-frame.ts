/** The shared parts of the staff pages: the frame around the content, choices, states and progress. */

export interface AdminNotice {
  tone: 'good' | 'warn' | 'stop';
  strong: string;
  sentence?: string;
}

/** The frame of every staff page. */
export interface AdminFrame {
  title: string;
  /** Absent for a visitor who has not signed in. */
  user?: { name: string; role: string; href: string; isCurrent: boolean };
  /** Hidden field `_csrf` of every form. */
  csrf: string;
  signOutAction?: string;
  nav: { label: string; href: string; isCurrent: boolean }[];
  notice?: AdminNotice;
  /** For a 422: the faults, each with a link to its field. */
  faults: { text: string; href: string; way?: CrumbLink }[];
}

/** Choices of a select, a list of radios or boxes. */
export interface Option {
  value: string;
  label: string;
  isSelected: boolean;
  hint?: string;
}

/** A state in words, with the tone that decides its colour and shape. */
export interface State {
  tone: 'in' | 'out' | 'wait' | 'none';
  words: string;
}

/** A progress bar, and the same in words. */
export interface Progress {
  /** Absent while the total is unknown. */
  percent?: number;
  words: string;
}

export interface CrumbLink {
  href: string;
  text: string;
}
