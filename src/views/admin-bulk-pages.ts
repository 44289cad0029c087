/** What the pages of the contacts index, of bulk work and of jobs are given. */
import type { AdminFrame, Option, Progress, State } from './admin-frame.js';

/** Choices that belong together, under their name. */
export interface OptionGroup {
  label: string;
  options: Option[];
}

/** A column that the table may be sorted by. */
export interface SortLink {
  label: string;
  href: string;
  /** Of `aria-sort`; absent where it is not what the table is sorted by. */
  direction?: 'ascending' | 'descending';
}

/** `GET /admin/contacts` */
export interface AdminContactsPage extends AdminFrame {
  action: string;
  /** The view that is shown, by its name, and saved views to choose from, the first being all contacts. */
  viewName: string;
  views: { label: string; href: string; isCurrent: boolean; note?: string }[];
  search: string;
  /** Fields that the search carries on: filter and order. */
  kept: { name: string; value: string }[];
  /** The filter in words: groups of conditions. */
  groups: {
    /** All but the first. */
    isOther: boolean;
    conditions: { label: string; editHref: string; removeHref: string }[];
    /** Adds a condition to the group. */
    andHref?: string;
  }[];
  /** Adds a group. */
  addHref?: string;
  clearHref: string;
  editor?: FilterEditor;
  /** "1 to 50 of 1,240 contacts" */
  count: string;
  /** More about what is shown: that a search shows the first ones only. */
  countHint?: string;
  saveView?: { action: string; query: string; name: string; isShared: boolean; isTaken: boolean };
  deleteView?: { action: string; name: string };
  newContactHref?: string;
  columns: { name: SortLink; email: SortLink; added: SortLink };
  rows: AdminContactRow[];
  /** Where nothing is found: what to do about it. */
  empty?: { heading: string; sentence: string; links: { href: string; text: string }[] };
  previousHref?: string;
  nextHref?: string;
  /** Absent for those who may not work on many. */
  bulk?: {
    /** The selection by filter, as a query string. */
    query: string;
    /** Where there are more than the rows shown: "All 1,240 contacts that match". */
    all?: string;
    editAction: string;
    linkAction: string;
  };
}

/** The fields of one condition: first what it is about, then how that is compared. */
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
    /** What it is about, as the form carries it on. */
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

export interface AdminContactRow {
  id: string;
  href: string;
  name: string;
  email: string;
  phone: string;
  states: State[];
  units: string[];
  added: string;
  isoAdded: string;
}

/** Whom a bulk act is about, in words, and as the fields of its form. */
export interface Selected {
  /** "3 contacts", "all 1,240 contacts" */
  whom: string;
  /** Filters in words; empty for ticked ones. */
  filters: string[];
  /** All that match, and not those that were ticked. */
  isAll: boolean;
  fields: { name: string; value: string }[];
  backHref: string;
}

/** `GET /admin/bulk-edits/new`, and again with what was typed where it cannot be done */
export interface AdminBulkEditPage extends AdminFrame {
  action: string;
  /** Names the job that this form makes. */
  nonce: string;
  selected: Selected;
  channels: Option[];
  /** Types, by channel and unit. */
  typeGroups: { id: string; channel: string; label: string; options: Option[] }[];
  statuses: Option[];
  removesOptOutOfAll: boolean;
  bases: Option[];
  processingBases: Option[];
  explanation: string;
  isPrivacyMode: boolean;
  invalid: {
    channel?: boolean;
    typeIds?: boolean;
    status?: boolean;
    legalBasis?: boolean;
    explanation?: boolean;
  };
}

/** `GET /admin/link-mailings/new` */
export interface AdminLinkMailingPage extends AdminFrame {
  action: string;
  nonce: string;
  selected: Selected;
  units: Option[];
  hasUnitChoice: boolean;
  /** "Send to 3 contacts" */
  send: string;
}

/** What will become of the rows, or became of them. */
export interface JobFigures {
  heading: string;
  rows: { label: string; figure: string; tone: State['tone']; hint?: string }[];
}

/** `GET /admin/jobs/:job` */
export interface AdminJobPage extends AdminFrame {
  jobsHref: string;
  heading: string;
  state: State;
  /** What is going on, in a sentence or two. */
  sentences: string[];
  facts: { term: string; words: string[] }[];
  progress?: Progress;
  /** While it moves: where its events come from, and which step of its way this page shows. */
  live?: { href: string; step: string };
  refresh?: number;
  counts?: JobFigures;
  /** Rows that will change, by what is in effect now. */
  overrides: { reason: string; figure: string }[];
  refusalsHeading: string;
  /** Rows refused, by reason. */
  refusals: { reason: string; figure: string }[];
  /** The reasons come to more than the contacts of which nothing was done. */
  areRefusalsMore: boolean;
  hasActions: boolean;
  confirm?: { action: string; label: string; sentence: string };
  cancel?: { action: string; label: string };
  retry?: { action: string; label: string };
  download?: { action: string; label: string };
  /** Why it was given up. */
  fault?: string;
}

/** Name of each template of this part, with what it is given. */
export interface BulkPages {
  'admin-contacts': AdminContactsPage;
  'admin-bulk-edit': AdminBulkEditPage;
  'admin-link-mailing': AdminLinkMailingPage;
  'admin-job': AdminJobPage;
}
