/** The typed object of each page of a contact's record, with complete sentences. */
import type { AdminFrame, Option } from './admin-frame.js';
import type { PreferencesPage } from './public-pages.js';

export interface ActionLink {
  href: string;
  label: string;
  /** The main action of a page without a form. */
  isMain?: boolean;
  /** Its subject, if several actions have the same label; for screen readers only. */
  name?: string;
  /** One sentence on its effect. */
  hint?: string;
  isStop?: boolean;
}

/** A term and its value. */
export interface Fact {
  term: string;
  lines: string[];
  tone?: 'warn';
}

/** Whether mail may go to one address, for each business unit. */
export interface Verdict {
  id: string;
  question: string;
  address: string;
  units: { unit: string; answer: string; look: 'in' | 'out' | 'wait'; lines: string[] }[];
}

/** The parts that both tabs of a record share. */
export interface RecordFrame extends AdminFrame {
  name: string;
  contactsUrl: string;
  actions: ActionLink[];
  /** For an erased person: why no action is possible. */
  erased?: string;
  verdicts: Verdict[];
  about: Fact[];
  propertiesUrl: string;
  editUrl?: string;
  /** Rarely used actions, each with its effect. */
  others: ActionLink[];
  tabs: { label: string; href: string; isCurrent: boolean }[];
  filters: { action: string; units: Option[]; channels: Option[] };
}

/** A fact about several types: an opt-out of all, an address that cannot receive mail, an automated opt-out. */
export interface Standing {
  tone: 'warn' | 'stop';
  strong: string;
  sentence: string;
  action?: ActionLink;
}

/** A type in the table of subscriptions. */
export interface SubscriptionRow {
  type: string;
  unit: string;
  /** Paused, pending, archived, internal. */
  chips: { text: string; tone: 'plain' | 'warn' }[];
  status: string;
  look: 'in' | 'out' | 'none';
  by: string;
  /** Address of the user who acted, in two parts: a line may break between them. */
  email?: { local: string; domain: string };
  /** Level and basis. */
  why: string[];
  /** The explanation; a long one has a beginning that unfolds the whole. */
  explanation?: { text: string; beginning?: string };
  since: string;
  sinceIso: string;
  action?: ActionLink & { label: string; name: string };
  /** Why staff cannot change it. */
  reason?: string;
}

/** `GET /admin/contacts/:contact` */
export interface AdminContactRecordPage extends RecordFrame {
  channels: {
    name: string;
    address: string;
    standings: Standing[];
    rows: SubscriptionRow[];
    optOutOfAll?: ActionLink;
  }[];
  /** Why there is nothing to show. */
  nothing?: string;
}

export interface WordingPart {
  text: string;
  parts: WordingPart[];
}

/** One event of a history. */
export interface HistoryLine {
  what: string;
  channel: string;
  when: string;
  isoTime: string;
  by: string;
  /** Basis, language, campaign. */
  more: string[];
  explanation?: string;
  isMachine: boolean;
  /** The wording that the page showed. */
  wording?: WordingPart[];
}

/** `GET /admin/contacts/:contact/history` */
export interface AdminContactHistoryPage extends RecordFrame {
  events: HistoryLine[];
  fileAction: string;
  fileFields: { name: string; value: string }[];
  hasPages: boolean;
  newerUrl?: string;
  olderUrl?: string;
}

/** The contact's own page within a frame of the staff pages. */
export interface AdminPreviewPage extends PreferencesPage {
  previewOf: { title: string; strong: string; sentence: string; backUrl: string };
}

export interface AdminRecordPages {
  'admin-contact-record': AdminContactRecordPage;
  'admin-contact-history': AdminContactHistoryPage;
  'admin-preview': AdminPreviewPage;
}
