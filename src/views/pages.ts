/** Every template by name, with the object that it is given. */
import type { AdminPages } from './admin-pages.js';
import type {
  FindPage,
  MessagePage,
  MyHistoryPage,
  OutboxMailPage,
  OutboxPage,
  PreferencesPage,
} from './public-pages.js';

/** Name of each template, with what it is given. */
export interface Pages extends AdminPages {
  preferences: PreferencesPage;
  message: MessagePage;
  find: FindPage;
  'my-history': MyHistoryPage;
  outbox: OutboxPage;
  'outbox-mail': OutboxMailPage;
}
