/** What the pages of passkeys, API keys and the audit log are given. */
import type { AdminFrame, Option } from './admin-frame.js';
import type { CrumbLink } from './admin-frame.js';

/** A form that the browser's passkey fills in. */
export interface PasskeyForm {
  action: string;
  /** Where the script asks for what is to be signed. */
  challenges: string;
}

/** Somebody's own passkeys. */
export interface AdminPasskeysPage extends AdminFrame {
  /** Absent where BASE_URL is not a place for passkeys; `why` says so then. */
  form?: PasskeyForm & {
    /** Where the password is asked for: whose it is, for password managers. */
    email?: string;
  };
  why?: string;
  name: string;
  passkeys: {
    name: string;
    addedAt: string;
    lastUsedAt: string;
    removal: string;
    /** Without it nobody could sign in to this account. */
    isLastWayIn: boolean;
  }[];
}

/** The form of a new key. */
export interface AdminKeyFormPage extends AdminFrame {
  crumbs: CrumbLink[];
  action: string;
  backHref: string;
  name: string;
  nameFault: boolean;
  scopes: Option[];
  /** "All business units", for those who reach all. */
  all?: { isSelected: boolean };
  units: Option[];
  lifetimes: Option[];
}

/** A key that has just been made: the only time that it is shown. */
export interface AdminKeyMadePage extends AdminFrame {
  key: string;
  name: string;
  backHref: string;
  /** A call that proves it. */
  example: string;
}

/** The audit log, newest first. */
export interface AdminAuditPage extends AdminFrame {
  action: string;
  kinds: Option[];
  people: Option[];
  day: string;
  zone: string;
  isFiltered: boolean;
  /** Anyone who is limited to units reads what concerns these alone; the page says so. */
  isLimited: boolean;
  entries: {
    at: string;
    moment: string;
    what: string;
    tone: 'out' | 'none';
    who: string;
    about?: { text: string; href?: string };
    detail: string;
    from: string;
  }[];
  olderHref?: string;
  newestHref?: string;
  /** The form that downloads what is shown, without a last page: its fields are the filters. */
  file: { action: string; kind: string; by: string; day: string };
}

export interface AccessPages {
  'admin-audit': AdminAuditPage;
  'admin-passkeys': AdminPasskeysPage;
  'admin-key-form': AdminKeyFormPage;
  'admin-key-made': AdminKeyMadePage;
}
