/** What each page of the staff's side is given: one typed object. These pages speak English alone, so their fixed words are in the templates. */
import type { AdminFrame } from './admin-frame.js';
import type { AdminFormPage } from './admin-form-page.js';
import type { AdminListPage } from './admin-list-page.js';
import type { AdminRecordPages } from './admin-record-pages.js';
import type { BulkPages } from './admin-bulk-pages.js';
import type { OverviewPages } from './admin-overview-page.js';
import type { AdminSettingsPages } from './admin-settings-pages.js';

/** One thing to say: an error, a result. */
export interface AdminMessagePage extends AdminFrame {
  heading: string;
  sentences: string[];
  links: { href: string; text: string }[];
}

/** Name of each template of `views/admin` (without `admin-`), with what it is given. */
export interface AdminPages extends BulkPages, AdminSettingsPages, AdminRecordPages, OverviewPages {
  'admin-form': AdminFormPage;
  'admin-list': AdminListPage;
  'admin-message': AdminMessagePage;
}
