/** The parts of a page that show a filter and edit it. */
import type { Option } from './admin-frame.js';

/** Choices of one group, under its name. */
export interface OptionGroup {
  label: string;
  options: Option[];
}

export interface ShownFilter {
  /** The filter in words: groups of conditions. */
  groups: {
    /** All groups except the first. */
    isOther: boolean;
    conditions: { label: string; editHref: string; removeHref: string }[];
    /** Adds a condition to the group. */
    andHref?: string;
  }[];
  /** Adds a group. */
  addHref?: string;
  clearHref: string;
  editor?: FilterEditor;
}

/** The fields of one condition: first its subject, then the comparison. */
export interface FilterEditor {
  hidden: { name: string; value: string }[];
  chooseAction: string;
  applyAction: string;
  cancelHref: string;
  /** It begins another group. */
  isOtherGroup: boolean;
  subjects?: OptionGroup[];
  condition?: {
    label: string;
    /** Its subject, in a hidden field. */
    on: string;
    operators: (Option & { takes: 'NONE' | 'ONE' | 'TWO' | 'DAYS' })[];
    input: 'text' | 'date' | 'choice' | 'none';
    options: Option[];
    suggestions: string[];
    value: string;
    to: string;
    days: string;
  };
}
