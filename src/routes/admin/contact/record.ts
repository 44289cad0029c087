/** The route of the contact's record. It reads a fixed number of documents, however long the history is. */
import { adminPatterns } from '../../../admin-paths.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import { get, type StaffRoute } from '../route.js';
import { filterOf, openRecord, doersOf } from './open-record.js';
import { recordFrame } from './record-frame.js';
import { subscriptionsOf } from './record-page.js';

export function recordRoutes(deps: Deps): StaffRoute[] {
  return [
    get(adminPatterns.contact, { may: 'contacts.read', about: 'contact' }, async (ask, response) => {
      const record = await openRecord(deps, ask);
      const filter = filterOf(ask, record);
      const view = {
        filter,
        doerOf: await doersOf(deps, record),
        mayOverride: mayRole(ask.user.role, 'overrides.make') && !record.isErased,
      };
      response.send(
        deps.views.page('admin-contact-record', {
          ...recordFrame(ask, record, filter, 'subscriptions'),
          ...subscriptionsOf(record, view),
        }),
      );
    }),
  ];
}
