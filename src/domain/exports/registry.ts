/** All exports. Jobs, pages, the command line and the API read them here. */
import { contacts } from './contacts.js';
import type { Export } from './contract.js';
import { history } from './history.js';
import { unsubscribed } from './unsubscribed.js';

export const exportsByName = { UNSUBSCRIBED: unsubscribed, CONTACTS: contacts, HISTORY: history } as const;

export const allExports: readonly Export[] = Object.values(exportsByName);
