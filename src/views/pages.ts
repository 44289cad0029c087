/** Every template by name, with its object. */
import type {
  FindPage,
  MessagePage,
  MyHistoryPage,
  OutboxMailPage,
  OutboxPage,
  PreferencesPage,
} from './public-pages.js';
import type { ApiReferencePage } from './api-reference-page.js';
import type { AdminFrame } from './admin-frame.js';
import type { AdminFormPage } from './admin-form-page.js';
import type { AdminListPage } from './admin-list-page.js';
import type { MarketingPage } from './admin-marketing-page.js';
import type { AdminRecordPages } from './admin-record-pages.js';
import type { BulkPages } from './admin-bulk-pages.js';
import type { AdminWorkflowPage } from './admin-workflow-page.js';
import type { DashboardPage } from './admin-dashboard-page.js';

/** Name of each template, with its object. */
export interface Pages extends LazyPages {
  preferences: PreferencesPage;
  message: MessagePage;
  find: FindPage;
  'my-history': MyHistoryPage;
  outbox: OutboxPage;
  'outbox-mail': OutboxMailPage;
}

/** Read and compiled at their first use. */
export interface LazyPages extends AdminPages {
  'api-reference': ApiReferencePage;
}

/** A page of the staff with one message: an error or a result. The pages of the staff are in English, so their fixed words are in the templates. */
export interface AdminMessagePage extends AdminFrame {
  heading: string;
  sentences: string[];
  links: { href: string; text: string }[];
}

/** `/settings` */
export interface SettingsPage extends AdminFrame {
  parts: { href: string; label: string; sentence: string }[];
}

/** Name of each template of `views/admin` (without `admin-`), with its object. */
export interface AdminPages extends BulkPages, AdminRecordPages {
  'admin-form': AdminFormPage;
  'admin-list': AdminListPage;
  'admin-marketing': MarketingPage;
  'admin-message': AdminMessagePage;
  'admin-dashboard': DashboardPage;
  'admin-settings': SettingsPage;
  'admin-workflow': AdminWorkflowPage;
}
