/** What each page of the staff's side is given: one typed object. These pages speak English alone, so their fixed words are in the templates. */
import type { AccessPages, PasskeyForm } from './admin-access-pages.js';
import type { AdminListPage } from './admin-list-page.js';
import type { AdminRecordPages } from './admin-record-pages.js';
import type { BulkPages } from './admin-bulk-pages.js';
import type { StaffPages } from './admin-staff-pages.js';
import type { OverviewPages } from './admin-overview-page.js';
import type { AdminSettingsPages } from './admin-settings-pages.js';

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

/** One thing to say: an error, a result. */
export interface AdminMessagePage extends AdminFrame {
  heading: string;
  sentences: string[];
  links: { href: string; text: string }[];
}

export interface AdminSignInPage extends AdminFrame {
  action: string;
  email: string;
  /** Where to go on, a path within the staff's side. */
  next: string;
  /** Absent where BASE_URL is no place for passkeys. */
  passkey?: PasskeyForm;
  /** Absent where OpenID Connect is not configured. */
  oidc?: { href: string; name: string };
}

/** Name of each template of `views/admin` (without `admin-`), with what it is given. */
export interface AdminPages
  extends BulkPages, StaffPages, AccessPages, AdminSettingsPages, AdminRecordPages, OverviewPages {
  'admin-list': AdminListPage;
  'admin-message': AdminMessagePage;
  'admin-sign-in': AdminSignInPage;
}
