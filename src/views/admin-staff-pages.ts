/** Pages about the staff's own accounts, and about users in the settings. */
import type { AdminFrame } from './admin-pages.js';

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
}

export interface AdminCodesPage extends AdminFrame {
  accountHref: string;
  since: string;
  left: string;
  renewalAction: string;
  removalAction: string;
  wrong: Wrong;
}

/** Shown once, by the answer that made them. */
export interface AdminRecoveryCodesPage extends AdminFrame {
  accountHref: string;
  codes: string[];
}

export interface StaffPages {
  'admin-sign-in-code': AdminSignInCodePage;
  'admin-account': AdminAccountPage;
  'admin-codes-set-up': AdminCodesSetUpPage;
  'admin-codes': AdminCodesPage;
  'admin-recovery-codes': AdminRecoveryCodesPage;
}
