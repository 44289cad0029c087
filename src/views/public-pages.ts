/** The typed object of each public page, with all words in the reader's language. */

/** Fixed words of one locale, by key. Sentences with names or counts are in the page's own fields. */
export type Copy = Readonly<Record<string, string>>;

export interface LanguageChoice {
  code: string;
  name: string;
  isCurrent: boolean;
}

export interface UnitFace {
  id: number;
  name: string;
  /** First letter of the name, shown without a logo. */
  initial: string;
  logoUrl?: string;
}

/** The frame of every page. */
export interface Frame {
  locale: string;
  direction: 'ltr' | 'rtl';
  title: string;
  copy: Copy;
  /** The brand of the page; absent on pages without one (not found, find). */
  unit?: UnitFace & { postalAddress: string; privacyPolicyUrl: string };
  /** Stylesheets of the brands on the page: each sets `.unit-<id> { --accent… }`. */
  brandStyles: string[];
  /** Language switch: a GET form to the same URL with `?lang=`; hidden inputs keep the rest of the query. */
  languages: readonly LanguageChoice[];
  languageAction: string;
}

export interface Notice {
  tone: 'good' | 'warn' | 'stop';
  strong: string;
  /** One sentence each. */
  sentences: string[];
  undo?: { action: string; nonce: string; label: string };
}

export interface Chip {
  text: string;
  tone: 'plain' | 'warn';
}

export interface TypeRow {
  id: number;
  name: string;
  what: string;
  chips: Chip[];
  isOn: boolean;
  isFrom: boolean;
  /** Why it cannot be switched on here, in a sentence. Then it has no switch. */
  notOffered?: string;
  /** "Why do I get this?", if there is a reason to show. */
  reason?: string;
  /** Choices of `pause-<id>`; the selected one changes nothing. Absent if the type is off. */
  pause?: readonly { value: string; label: string; isSelected: boolean }[];
}

export interface UnitSection extends UnitFace {
  isFrom: boolean;
  countText: string;
  /** The sentence of an opt-out of all of the unit. */
  standing?: string;
  types: TypeRow[];
}

/** `GET /p/:token` */
export interface PreferencesPage extends Frame {
  action: string;
  /** Hidden field: the types on the page, and their states. */
  shown: string;
  /** Hidden field: hash of the wording on this page. */
  wording: string;
  /** Hidden field: when this page was rendered. */
  renderedAt: string;
  who: string;
  /** For a 422: the faults, each with a link to its field. */
  faults: { text: string; href: string }[];
  notice?: Notice;
  /** Hidden field of its Undo: hash of the notice's wording. */
  noticeWording?: string;
  /** The sentence of an opt-out of everything, shown once above the brands. */
  standing?: string;
  units: UnitSection[];
  /** Buttons of the stop form: value of `stop` and label. `unit-<id>` or `all`. */
  stops: { value: string; label: string; isMain: boolean }[];
  stillArrives: string;
  myHistoryUrl: string;
}

/** Any page with one message: confirmed, expired, not found, database unavailable. */
export interface MessagePage extends Frame {
  tone: 'good' | 'warn' | 'stop' | 'plain';
  heading: string;
  sentences: string[];
  faults: { text: string; href: string }[];
  /** Forms with one button each. A `tick` must be ticked by hand, so that no unchanged form opts anyone in. */
  forms: {
    action: string;
    hidden: { name: string; value: string }[];
    /** One sentence above the form, if the button needs an explanation. */
    lead?: string;
    button: string;
    look: 'main' | 'plain' | 'stop';
    tick?: { name: string; label: string; isRequired: boolean }[];
    /** Radio choices, none chosen at first (the reason asked for after an opt-out). */
    choices?: { legend: string; name: string; options: { value: string; label: string }[] };
  }[];
  links: { href: string; text: string }[];
}

/** `GET /find`, and its answer. */
export interface FindPage extends Frame {
  action: string;
  address: string;
  faults: { text: string; href: string }[];
  /** Set after the form was sent: the same sentence for every address. */
  answer?: string;
}

/** `GET /p/:token/data` */
export interface MyHistoryPage extends Frame {
  who: string;
  preferencesUrl: string;
  fileUrl: string;
  /** Absent for a link that staff copied: only the contact erases. */
  eraseAction?: string;
  /** Hidden field: hash of the wording of the erasure. */
  wording: string;
  faults: { text: string; href: string }[];
  /** What holds now. */
  current: { what: string; notes: string[] }[];
  events: { when: string; isoTime: string; what: string; by: string; basis?: string }[];
  /** Present if there are older or newer events than those shown. */
  olderUrl?: string;
  newestUrl?: string;
}

/** `GET /dev/outbox` */
export interface OutboxPage extends Frame {
  mails: { id: string; to: string; subject: string; when: string; url: string }[];
}

/** `GET /dev/outbox/:id` */
export interface OutboxMailPage extends Frame {
  outboxUrl: string;
  /** Shown in a frame, and as a page. */
  htmlUrl: string;
  sourceUrl: string;
  /** Header lines, unfolded. */
  headers: string;
  text: string;
}
