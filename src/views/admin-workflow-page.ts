/** The object of the builder of a workflow: a vertical path of cards. */
import type { AdminFrame, CrumbLink, State } from './admin-frame.js';
import type { FormView, Tab } from './admin-form-page.js';

export interface WorkflowCard {
  /** For links to the card. */
  id: string;
  /** The picture of its kind. */
  glyph: string;
  /** "Step 3", "Trigger" */
  number: string;
  label: string;
  sentence: string;
  hint?: string;
  facts: { term: string; text: string }[];
  faults: string[];
  isBroken: boolean;
  /** The page that changes it. */
  editHref?: string;
  /** What to do next, while it is the one thing that is missing. */
  next?: { href: string; label: string };
  /** The page that adds a step after it. */
  plusHref?: string;
  /** The words of that link, if it is the next thing to do. */
  plusLabel?: string;
  /** A line leads on from it. */
  isStem: boolean;
  /** Counts, each with a link to the contacts. */
  counts: { label: string; count: string; href: string; isNow: boolean }[];
}

/** A list of cards; a branch is the last one, and leads to two more lists. */
export interface WorkflowPath {
  cards: WorkflowCard[];
  arms?: { id: string; label: string; note: string; plusHref?: string; path: WorkflowPath }[];
  /** The path ends here. */
  isEnd: boolean;
  end: string;
}

/** `/workflows/:workflow` */
export interface AdminWorkflowPage extends AdminFrame {
  crumbs: CrumbLink[];
  heading: string;
  state: State;
  lead?: string;
  links: { href: string; label: string; isMain?: boolean }[];
  forms: FormView[];
  tabs: readonly Tab[];
  /** Faults of the plan, each with a link to its card. */
  broken: { text: string; href: string; where: string }[];
  warning?: string;
  path: WorkflowPath;
  /** Seconds after which a browser without scripts loads the page again. */
  refresh?: number;
}
