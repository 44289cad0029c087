/** The parts that pages of the staff share: the frame around the content, choices, states and progress. */

export interface AdminNotice {
  tone: 'good' | 'warn' | 'stop';
  strong: string;
  sentence?: string;
}

/** What every page of the staff has around its content. */
export interface AdminFrame {
  title: string;
  /** Absent for somebody who has not signed in. */
  user?: { name: string; role: string; href: string; isCurrent: boolean };
  /** Hidden field `_csrf` of every form. */
  csrf: string;
  signOutAction?: string;
  nav: { label: string; href: string; isCurrent: boolean }[];
  notice?: AdminNotice;
  /** A 422: what could not be done, each linking to its field. */
  faults: { text: string; href: string }[];
}

/** Choices of a select, a list of radios or boxes. */
export interface Option {
  value: string;
  label: string;
  isSelected: boolean;
  hint?: string;
}

/** A state in words, with the tone that gives its colour and shape. */
export interface State {
  tone: 'in' | 'out' | 'wait' | 'none';
  words: string;
}

/** A progress bar, and the same in words. */
export interface Progress {
  /** Absent while the total is not known. */
  percent?: number;
  words: string;
}

export interface CrumbLink {
  href: string;
  text: string;
}
