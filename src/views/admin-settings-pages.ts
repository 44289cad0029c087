/** What the page of the settings is given. */
import type { AdminFrame } from './admin-frame.js';

/** `/settings` */
export interface SettingsPage extends AdminFrame {
  parts: { href: string; label: string; sentence: string }[];
}

/** Name of each template, with what it is given. */
export interface AdminSettingsPages {
  'admin-settings': SettingsPage;
}
