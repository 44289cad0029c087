/** The typed object of each staff page. These pages are in English only, so their fixed words are in the templates. */
import type { AdminFrame } from './admin-frame.js';
import type { AdminFormPage } from './admin-form-page.js';
import type { AdminListPage } from './admin-list-page.js';
import type { AdminRecordPages } from './admin-record-pages.js';
import type { BulkPages } from './admin-bulk-pages.js';
import type { OverviewPages } from './admin-overview-page.js';
import type { AdminSettingsPages } from './admin-settings-pages.js';

/** One message: an error or a result. */
export interface AdminMessagePage extends AdminFrame {
  heading: string;
  sentences: string[];
  links: { href: string; text: string }[];
}

/** Name of each template of `views/admin` (without `admin-`), with its object. */
export interface AdminPages extends BulkPages, AdminSettingsPages, AdminRecordPages, OverviewPages {
  'admin-form': AdminFormPage;
  'admin-list': AdminListPage;
  'admin-message': AdminMessagePage;
}
