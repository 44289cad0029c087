/** The objects of the pages of the contacts index, of bulk work and of jobs. */
import type { ShownFilter } from './admin-filter.js';
import type { AdminFrame, Progress, State } from './admin-frame.js';

/** A sortable column of the table. */
export interface SortLink {
  label: string;
  href: string;
  /** For `aria-sort`; absent if the table is not sorted by it. */
  direction?: 'ascending' | 'descending';
}

/** `GET /admin/contacts` */
export interface AdminContactsPage extends AdminFrame, ShownFilter {
  action: string;
  /** The name of the current view, and the saved views; the first one shows all contacts. */
  viewName: string;
  views: { label: string; href: string; isCurrent: boolean; note?: string }[];
  search: string;
  /** Fields that the search form passes on: filter and order. */
  kept: { name: string; value: string }[];
  /** "1 to 50 of 1,240 contacts" */
  count: string;
  /** A note on the results: that a search shows only the first ones. */
  countHint?: string;
  saveView?: { action: string; query: string; name: string; isShared: boolean; isTaken: boolean };
  deleteView?: { action: string; name: string };
  newContactHref?: string;
  /** Makes an active list of the filter. */
  newListHref?: string;
  columns: { name: SortLink; email: SortLink; added: SortLink };
  rows: AdminContactRow[];
  /** Advice for an empty result. */
  empty?: { heading: string; sentence: string; links: { href: string; text: string }[] };
  previousHref?: string;
  nextHref?: string;
  /** Absent for users who may not do bulk work. */
  bulk?: {
    /** The selection by filter, as a query string. */
    query: string;
    /** If there are more matches than rows: "All 1,240 contacts that match". */
    all?: string;
    editAction: string;
    linkAction: string;
    exportAction: string;
    listAction: string;
    marketingAction: string;
    enrolAction: string;
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

/** The outcomes of the rows, expected or final. */
export interface JobFigures {
  heading: string;
  rows: { label: string; figure: string; tone: State['tone']; hint?: string }[];
}

/** `GET /admin/jobs/:job` */
export interface AdminJobPage extends AdminFrame {
  jobsHref: string;
  heading: string;
  state: State;
  /** The current situation, in a sentence or two. */
  sentences: string[];
  facts: { term: string; words: string[] }[];
  progress?: Progress;
  /** While it runs: the URL of its events, and the step that this page shows. */
  live?: { href: string; step: string };
  refresh?: number;
  counts?: JobFigures;
  /** Rows that will change, by current status. */
  overrides: { reason: string; figure: string }[];
  refusalsHeading: string;
  /** Rows refused, by reason. */
  refusals: { reason: string; figure: string }[];
  /** The sum of the reasons exceeds the number of contacts without a change. */
  areRefusalsMore: boolean;
  hasActions: boolean;
  confirm?: { action: string; label: string; sentence: string };
  cancel?: { action: string; label: string };
  retry?: { action: string; label: string };
  download?: { action: string; label: string };
  /** Why it stopped. */
  fault?: string;
}

/** Name of each template of this part, with its object. */
export interface BulkPages {
  'admin-contacts': AdminContactsPage;
  'admin-job': AdminJobPage;
}
