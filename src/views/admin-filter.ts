/** The parts of a page that show a filter and edit it. */
import type { Option } from './admin-frame.js';

/** Choices of one group, under its name. */
export interface OptionGroup {
  label: string;
  options: Option[];
}

/** A condition in words with its links, or the fields of the one that is edited. */
export type ShownCondition = { isJoined: boolean } & (
  | { label: string; editHref: string; removeHref: string }
  | { editor: FilterEditor }
);

export interface ShownGroup {
  number: number;
  /** All groups except the first. */
  isOther: boolean;
  conditions: ShownCondition[];
  /** Adds a condition to the group. */
  andHref?: string;
  /** Adds another group with the same conditions. */
  copyHref?: string;
}

export interface ShownFilter {
  groups: ShownGroup[];
  /** Adds a group. */
  addHref?: string;
  clearHref?: string;
  inWords?: string;
}

/** The fields of one condition: first its subject, then the comparison. */
export interface FilterEditor {
  /** "Group 2, condition 1" */
  name: string;
  hidden: { name: string; value: string }[];
  chooseAction: string;
  applyAction: string;
  /** Null: there is nothing to go back to. */
  cancelHref: string | null;
  subjects?: OptionGroup[];
  condition?: {
    label: string;
    /** Its subject, in a hidden field. */
    on: string;
    /** The same place with another subject. */
    otherHref: string;
    operators: (Option & { takes: 'NONE' | 'ONE' | 'TWO' | 'SOME' | 'DAYS' })[];
    input: 'text' | 'date' | 'choice' | 'none';
    options: Option[];
    suggestions: string[];
    value: string;
    to: string;
    days: string;
  };
}
