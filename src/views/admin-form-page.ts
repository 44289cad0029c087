/** The object of the one template of every form page: panels with facts, a form, a table, or a value that is shown once. */
import type { AdminFrame, CrumbLink, Option, Progress, State } from './admin-frame.js';
import type { ShownFilter } from './admin-filter.js';
import type { ListTable } from './admin-table.js';

export type FieldKind =
  | 'text'
  | 'email'
  | 'tel'
  | 'url'
  | 'date'
  | 'password'
  | 'code'
  | 'area'
  | 'select'
  | 'radios'
  | 'ticks'
  | 'tick'
  | 'pairs'
  | 'table'
  | 'grouped'
  | 'colour'
  | 'file'
  | 'fixed';

/** One field of a form. Its id is its name. */
export interface FormField {
  kind: FieldKind;
  name: string;
  label: string;
  /** Text of the field. Of a password, always empty. */
  value: string;
  isTicked: boolean;
  isRequired: boolean;
  isWrong: boolean;
  hint?: string;
  options: Option[];
  /** Names and values, with empty ones at the end for new ones. */
  pairs?: { name: string; value: string }[];
  /** Of a select they come after its other options. */
  optionGroups: { label: string; look: string; options: Option[] }[];
  /** A class of the field. */
  look?: string;
  /** Rows with check boxes. */
  table?: ListTable;
  /** File types that a file field offers, as HTML's `accept`. */
  accept?: string;
  /** A picture beside the field: the logo, the colour. */
  picture?: { src: string; alt: string };
  /** BCP 47 tag of the text, if it is not English. */
  lang?: string;
  autocomplete?: string;
  /** Another field of the form may be filled in instead. */
  isAlternative?: boolean;
  /** Maximum length in UTF-16 units. */
  most?: number;
  /** Texts that the browser offers. */
  suggestions?: readonly string[];
}

/** Fields under one heading. A folded group opens with a click, and is open if one of its fields has a fault. */
export interface FormGroup {
  legend?: string;
  hint?: string;
  isFolded: boolean;
  isOpen: boolean;
  fields: FormField[];
}

export interface FormView {
  action: string;
  hidden: { name: string; value: string }[];
  groups: FormGroup[];
  button: string;
  look: 'main' | 'plain' | 'stop';
  /** The role may view but not change. */
  isReadOnly: boolean;
  hasFile: boolean;
  /** E-mail address for password managers, in forms with a password. */
  username?: string;
  /** The browser's passkey fills the form in, by a script. Without the script the form is not shown. */
  passkey?: { way: 'make' | 'show'; challenges: string };
  /** The form asks for a page and changes nothing. */
  isGet?: boolean;
  /** The form sends a large file; a script shows its progress. */
  isUpload?: boolean;
  /** A sentence beside the button. */
  note?: string;
  cancelHref?: string;
  /** Its words, if not “Cancel”. */
  cancelText?: string;
  /** Why the button cannot be used yet. It stays visible, and an answer to it says the same. */
  whyNot?: string;
  /** A second button, with its own action. */
  also?: Pick<FormView, 'action' | 'button' | 'note'>;
}

export interface Fact {
  term: string;
  text: string;
  /** The target of the term. */
  href?: string;
  note?: string;
}

/** One card of the page. It has the parts that it needs, in this order. */
export interface Panel {
  /** For links to the panel. */
  id?: string;
  heading?: string;
  state?: State;
  progress?: Progress;
  sentences?: string[];
  /** Short sentences that belong together. */
  bullets?: string[];
  /** The current or future status, each part with its tone. */
  points?: { tone: 'plain' | 'warn' | 'stop'; text: string }[];
  /** What was checked: those that did not pass come first, with the way to change them. */
  checks?: {
    /** `stop`: not passed. `warn`: passed, or not known, with something to know. */
    tone: 'good' | 'warn' | 'stop';
    text: string;
    detail?: string;
    /** The outcome, for screen readers. */
    outcome: string;
    href?: string;
    link?: string;
  }[];
  /** A filter, with links that change it and the editor of a condition. */
  filter?: ShownFilter;
  /** A number in a sentence, and a link to what was counted. */
  said?: { strong?: string; text: string; href?: string; link?: string };
  figures?: Figure[];
  facts?: Fact[];
  /** The secret of one-time codes, and the same as a QR code of one path (ISO/IEC 18004, section 6.3.8, for its quiet zone). */
  qr?: { box: string; path: string; secret: string; uri: string };
  /** Shown only in this answer: a key, a link. */
  secret?: { label: string; value: string; isLong: boolean; note?: string };
  /** Recovery codes. */
  codes?: string[];
  /** A call to copy. */
  example?: string;
  /** What it is, for screen readers, if it is not a call. */
  exampleOf?: string;
  form?: FormView;
  /** Buttons side by side, each with its own route. */
  acts?: FormView[];
  table?: ListTable;
  link?: { href: string; text: string; isMain?: boolean };
  /** Other ways to go on, each with one sentence on its effect. */
  ways?: {
    href: string;
    label: string;
    hint?: string;
    isMain?: boolean;
    isCurrent?: boolean;
    glyph?: string;
  }[];
}

/** One large number with its words. */
export interface Figure {
  tone: 'in' | 'out' | 'none';
  label: string;
  figure: string;
}

export interface Tab {
  href: string;
  label: string;
  isCurrent: boolean;
}

/** The steps of a wizard. Earlier ones that can be changed have a link. */
export interface Steps {
  label: string;
  /** "Step 3 of 7" */
  words: string;
  list: { text: string; href?: string; isDone: boolean; isCurrent: boolean }[];
}

/** `/settings/account`, `/settings/users/new`, `/account` and every other page around a form. */
export interface AdminFormPage extends AdminFrame {
  crumbs: CrumbLink[];
  heading: string;
  state?: State;
  lead?: string;
  /** Pages about the same subject. */
  tabs?: readonly Tab[];
  steps?: Steps;
  /** The page follows a job. */
  live?: { href: string; step: string };
  /** Seconds after which a browser without scripts loads the page again. */
  refresh?: number;
  /** Panels beside the others, in wide windows. */
  aside?: Panel[];
  /** They come after the others, since they end what the others begin. */
  isAsideLast?: boolean;
  /** The form whose groups have cards of their own. */
  form?: FormView;
  panels: Panel[];
  newestHref?: string;
  olderHref?: string;
  /** For visitors who have not signed in: one short form in the middle. */
  isDoor: boolean;
  /** For pages of a few short fields. */
  isNarrow: boolean;
}
