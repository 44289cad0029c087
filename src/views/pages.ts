/** Every template by name, with its object. */
import type { AdminPages } from './admin-pages.js';
import type {
  FindPage,
  MessagePage,
  MyHistoryPage,
  OutboxMailPage,
  OutboxPage,
  PreferencesPage,
} from './public-pages.js';

/** Name of each template, with its object. */
export interface Pages extends AdminPages {
  preferences: PreferencesPage;
  message: MessagePage;
  find: FindPage;
  'my-history': MyHistoryPage;
  outbox: OutboxPage;
  'outbox-mail': OutboxMailPage;
}
