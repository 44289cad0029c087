/** The object of the settings page. */
import type { AdminFrame } from './admin-frame.js';

/** `/settings` */
export interface SettingsPage extends AdminFrame {
  parts: { href: string; label: string; sentence: string }[];
}

/** Name of each template, with its object. */
export interface AdminSettingsPages {
  'admin-settings': SettingsPage;
}
