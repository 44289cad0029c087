/** Pages about the staff's own accounts, and about users in the settings. */
import type { AdminFrame, Option, State } from './admin-frame.js';
import type { CrumbLink } from './admin-frame.js';

/** Fields that were filled in wrongly, by name. */
export type Wrong = Readonly<Record<string, true>>;

/** The second step of signing in. */
export interface AdminSignInCodePage extends AdminFrame {
  action: string;
  /** Back to the first step. */
  backHref: string;
  hasRecoveryCodes: boolean;
  /** The recovery code was the one that was wrong, so its field stays open. */
  isRecovery: boolean;
}

export interface AdminAccountPage extends AdminFrame {
  name: string;
  nameAction: string;
  facts: { term: string; text: string; hint?: string }[];
  /** Absent for an account that signs in otherwise. */
  password?: { action: string; email: string; hint: string };
  codes: { isOn: boolean; since?: string; left?: string; isLow?: boolean; beginAction: string; href: string };
  passkeys: { isOn: boolean; count: string; href: string };
  sessions: {
    id: string;
    browser: string;
    network: string;
    since: string;
    seen: string;
    isThis: boolean;
  }[];
  hasOthers: boolean;
  endAction: string;
  wrong: Wrong;
}

/** The app is given its secret, and proves with a first code that it has it. */
export interface AdminCodesSetUpPage extends AdminFrame {
  accountHref: string;
  /** A QR code as one path, in modules; drawn with a quiet zone of four (ISO/IEC 18004, section 6.3.8). */
  qr: { box: string; path: string };
  secret: string;
  /** `otpauth:` URI, for a telephone that shows this page itself. */
  uri: string;
  action: string;
  /** For password managers. */
  email: string;
  wrong: Wrong;
}

export interface AdminCodesPage extends AdminFrame {
  accountHref: string;
  since: string;
  left: string;
  /** For password managers. */
  email: string;
  renewalAction: string;
  removalAction: string;
  wrong: Wrong;
}

/** Shown once, by the answer that made them. */
export interface AdminRecoveryCodesPage extends AdminFrame {
  accountHref: string;
  codes: string[];
}

/** Chooses a password by a one-time link; with name and address where it makes the first account. */
export interface AdminWelcomePage extends AdminFrame {
  action: string;
  heading: string;
  sentence: string;
  /** Absent where the account is there already. */
  first?: { name: string; email: string };
  /** Of the account that is there, for password managers. */
  email?: string;
  hint: string;
  button: string;
  wrong: Wrong;
}

/** Role and business units, as a form asks for them. */
export interface AccessFields {
  roles: Option[];
  /** Absent for an admin who reaches some units only: it cannot give all. */
  reach?: { isAll: boolean };
  units: Option[];
}

export interface AdminNewUserPage extends AdminFrame {
  crumbs: CrumbLink[];
  action: string;
  name: string;
  email: string;
  access: AccessFields;
  wrong: Wrong;
}

export interface AdminUserPage extends AdminFrame {
  crumbs: CrumbLink[];
  name: string;
  state: State;
  facts: { term: string; text: string }[];
  /** What may be done; absent for the person who only reads, and for one's own account. */
  forms?: {
    accessAction: string;
    access: AccessFields;
    linkAction: string;
    /** Whether there are one-time codes or passkeys, which a lost telephone may hold. */
    hasTelephone: boolean;
    isInvited: boolean;
    /** One of the two. */
    closureAction?: string;
    reopeningAction?: string;
  };
  /** One's own account is changed elsewhere. */
  accountHref?: string;
}

/** A one-time link, shown once, by the answer that made it. */
export interface AdminUserLinkPage extends AdminFrame {
  crumbs: CrumbLink[];
  userHref: string;
  name: string;
  link: string;
  until: string;
}

export interface StaffPages {
  'admin-welcome': AdminWelcomePage;
  'admin-new-user': AdminNewUserPage;
  'admin-user': AdminUserPage;
  'admin-user-link': AdminUserLinkPage;
  'admin-sign-in-code': AdminSignInCodePage;
  'admin-account': AdminAccountPage;
  'admin-codes-set-up': AdminCodesSetUpPage;
  'admin-codes': AdminCodesPage;
  'admin-recovery-codes': AdminRecoveryCodesPage;
}
