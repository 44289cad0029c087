/** What each page of the staff's side is given: one typed object. These pages speak English alone, so their fixed words are in the templates. */
import type { AdminFrame } from './admin-frame.js';
import type { AccessPages, PasskeyForm } from './admin-access-pages.js';
import type { AdminFormPage } from './admin-form-page.js';
import type { AdminListPage } from './admin-list-page.js';
import type { AdminRecordPages } from './admin-record-pages.js';
import type { BulkPages } from './admin-bulk-pages.js';
import type { StaffPages } from './admin-staff-pages.js';
import type { OverviewPages } from './admin-overview-page.js';
import type { AdminSettingsPages } from './admin-settings-pages.js';

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
  /** Absent where BASE_URL is not a place for passkeys. */
  passkey?: PasskeyForm;
  /** Absent where OpenID Connect is not configured. */
  oidc?: { href: string; name: string };
}

/** Name of each template of `views/admin` (without `admin-`), with what it is given. */
export interface AdminPages
  extends BulkPages, StaffPages, AccessPages, AdminSettingsPages, AdminRecordPages, OverviewPages {
  'admin-form': AdminFormPage;
  'admin-list': AdminListPage;
  'admin-message': AdminMessagePage;
  'admin-sign-in': AdminSignInPage;
}
