/** The contacts index and its saved views. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { lookUpAddress } from '../../../domain/contacts/look-up.js';
import { deleteSavedView, findSavedViews, saveView } from '../../../domain/contacts/saved-views.js';
import { queryOfView } from '../../../domain/contacts/selection.js';
import { DomainError } from '../../../errors.js';
import { auditBy } from '../audit-by.js';
import { textOf } from '../form.js';
import { saying } from '../frame.js';
import { get, post, type AdminRoute } from '../route.js';
import { queryIn, viewIn } from './filter-links.js';
import { contactsPage } from './index-page.js';
import { lookUpRoutes, unknownAddressPage } from './look-up-page.js';

export function contactsRoutes(deps: Deps): AdminRoute[] {
  return [
    get(adminPatterns.contacts, { may: 'contacts.read', about: 'nothing' }, async (ask, response) => {
      const query = queryIn(ask.request);
      const found = await lookUpAddress(deps, { scope: ask.scope, text: query.get('q') ?? '' });
      if (found?.kind === 'ADDRESS') return response.redirect(303, adminPaths.contact(found.recordId));
      response.send(
        found?.kind === 'UNKNOWN'
          ? await unknownAddressPage(deps, ask, found)
          : await contactsPage(deps, ask, query),
      );
    }),
    ...lookUpRoutes(deps),
    post(
      adminPatterns.views,
      {
        may: 'views.save',
        about: 'nothing',
        showAgain: async (ask, response) => {
          const query = new URLSearchParams(textOf(ask.request, 'query', 8000));
          const name = textOf(ask.request, 'name', 200);
          const isShared = textOf(ask.request, 'isShared', 10) === 'yes';
          response.send(await contactsPage(deps, ask, query, { toSave: { name, isShared, isTaken: false } }));
        },
      },
      async (ask, response) => {
        const query = new URLSearchParams(textOf(ask.request, 'query', 8000));
        const name = textOf(ask.request, 'name', 200);
        const view = viewIn(query);
        const isShared = textOf(ask.request, 'isShared', 10) === 'yes';
        const isReplacing = textOf(ask.request, 'isReplacing', 10) === 'yes';
        const wanted = { userId: ask.user.id, scope: ask.scope, name, view, isShared, isReplacing };
        const saved = await saveView(deps, wanted);
        if ('faults' in saved) {
          const { isTaken } = saved;
          const faults = saved.faults.map(({ message }) => ({ text: message, href: '#view-name' }));
          const form = { faults, toSave: { name, isShared, isTaken: isTaken === true } };
          return void response.status(422).send(await contactsPage(deps, ask, query, form));
        }
        await auditBy(deps, ask, {
          kind: 'VIEW_CHANGED',
          about: `view:${saved.view._id}`,
          detail: isShared ? 'saved, shared' : 'saved',
        });
        response.redirect(303, saying(ask, adminPaths.contacts(queryOfView(view)), 'view-saved'));
      },
    ),
    post(adminPatterns.viewDeletions, { may: 'views.save', about: 'view' }, async (ask, response) => {
      const viewId = String(ask.request.params['view']);
      // Only listed views can be deleted. A view that names units outside the scope is not listed.
      const seen = await findSavedViews(deps, { userId: ask.user.id, scope: ask.scope });
      if (!seen.some(({ _id }) => _id === viewId)) throw new DomainError('NOT_FOUND');
      await deleteSavedView(deps, { viewId, userId: ask.user.id, isForAll: ask.user.role === 'admin' });
      await auditBy(deps, ask, { kind: 'VIEW_CHANGED', about: `view:${viewId}`, detail: 'deleted' });
      response.redirect(303, saying(ask, adminPaths.contacts(), 'view-deleted'));
    }),
  ];
}
