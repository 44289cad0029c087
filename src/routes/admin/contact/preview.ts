/** The preference page as the contact sees it. It has no link and no token, and nothing on it can be pressed or sent. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { wordsFor } from '../../../views/words.js';
import { preferencesPage } from '../../public/preferences-page.js';
import { queryOf } from '../form.js';
import { get, type StaffRoute } from '../route.js';
import { knownLocale } from '../../../vocabulary/locales.js';
import { channelOf, openForAct } from './open-record.js';

export function previewRoutes(deps: Deps): StaffRoute[] {
  return [
    get(adminPatterns.preview, { may: 'contacts.read', about: 'contact' }, async (ask, response) => {
      const record = await openForAct(deps, ask);
      const { id, contact, catalogue, name } = record;
      const one = channelOf(record, queryOf(ask.request, 'channel') ?? record.channels[0]?.channel ?? '');
      const units = [...catalogue.units.values()];
      const unit = units.find((own) => contact?.unitIds.includes(own.id)) ?? units[0];
      const { subscriber } = one;
      // The language may have been chosen on a page of other units.
      const ownLocale = ask.scope === null ? subscriber.locale : null;
      const words = wordsFor(
        knownLocale(contact ? (contact.locale ?? subscriber.locale) : ownLocale) ??
          knownLocale(unit?.defaultLocale) ??
          'en',
      );
      const page = preferencesPage(
        {
          kind: 'preferences',
          token: '',
          claims: { subscriberId: one.subscriberId, unitId: unit?.id ?? 0, epoch: subscriber.epoch },
          subscriber,
          found: subscriber,
          catalogue,
          words,
          isFresh: true,
          ...(unit ? { unit } : {}),
        },
        deps.clock(),
        { lang: undefined },
      );
      // Older browsers do not know `inert`. This way they send no form of the page either.
      const policy = String(response.getHeader('Content-Security-Policy') ?? '');
      response.setHeader(
        'Content-Security-Policy',
        policy.replace(/form-action [^;]+/, "form-action 'none'"),
      );
      response.send(
        deps.views.page('admin-preview', {
          ...page,
          action: '',
          previewOf: {
            title: `Preview: ${name}`,
            strong: `A preview of what ${name} sees.`,
            sentence:
              ask.scope === null
                ? 'Nothing here can be pressed, and nothing is saved.'
                : 'Only your business units are shown. Nothing here can be pressed, and nothing is saved.',
            backUrl: adminPaths.contact(id),
          },
        }),
      );
    }),
  ];
}
