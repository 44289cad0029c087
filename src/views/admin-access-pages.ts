/** What the pages of passkeys, API keys and the audit log are given. */
import type { AdminFrame } from './admin-pages.js';

/** A form that the browser's passkey fills in. */
export interface PasskeyForm {
  action: string;
  /** Where the script asks for what is to be signed. */
  challenges: string;
}

/** Somebody's own passkeys. */
export interface AdminPasskeysPage extends AdminFrame {
  /** Absent where BASE_URL is no place for passkeys; `why` says so then. */
  form?: PasskeyForm;
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

export interface AccessPages {
  'admin-passkeys': AdminPasskeysPage;
}
