/** Links of a contact: mailing it theirs, copying one, and revoking those that are out. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { mailLink } from '../../../domain/links/mail-link.js';
import { mintLink } from '../../../domain/links/mint-links.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { ActField } from '../../../views/admin-record-pages.js';
import { textOf, wholeOf } from '../form.js';
import { adminFrame, saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { channelNames } from '../../../vocabulary/words.js';
import { act, noReasons, noteAct } from './act.js';
import { actPage, sendAct } from './act-page.js';
import { knownLocale } from '../../../vocabulary/locales.js';
import { addressedChannelOf, openForAll, openForAct, type OpenedRecord } from './open-record.js';

export function linkRoutes(deps: Deps): StaffRoute[] {
  const mails = { path: adminPatterns.linkMails, may: 'links.send', about: 'contact' } as const;
  const copies = { path: adminPatterns.linkCopies, may: 'links.send', about: 'contact' } as const;
  const revocations = { path: adminPatterns.linkRevocations, may: 'links.send', about: 'contact' } as const;
  return [
    {
      ...mails,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAct(deps, ask);
        const { address, subscriber } = addressedChannelOf(record, 'EMAIL');
        if (subscriber.undeliverable) {
          const page = actPage(ask, record, {
            title: 'Send preferences link',
            heading: `No mail reaches ${record.name}`,
            sentences: [
              `Mail to ${address} came back or was reported as spam, so nothing is mailed to it. A copied link can be given in another way.`,
            ],
          });
          return sendAct(deps, response, page);
        }
        const page = actPage(ask, record, {
          title: 'Send preferences link',
          heading: `Send ${record.name} the link?`,
          sentences: [`A mail “Manage your preferences” goes to ${address}.`],
          form: {
            action: adminPaths.linkMails(record.id),
            hidden: [],
            fields: [unitField(record)],
            button: 'Send the link',
            isStop: false,
          },
        });
        sendAct(deps, response, page);
      },
    },
    {
      ...mails,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openForAct(deps, ask);
        const { address } = addressedChannelOf(record, 'EMAIL');
        const unitId = unitOf(ask, record);
        const locale = localeOf(record);
        const { isNew } = await mailLink(deps, { address, unitId, ...locale }, staffRef(ask.user));
        if (isNew) await noteAct(deps, ask, record, 'LINK_SENT', { unitId });
        const path = adminPaths.contact(record.id);
        response.redirect(303, saying(ask, path, isNew ? 'mailed' : 'mailed-before'));
      },
    },
    {
      ...copies,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        const page = actPage(ask, record, {
          title: 'Copy link',
          heading: `Make a link for ${record.name}?`,
          sentences: [
            'Anyone who has the link can see and change these preferences, so give it to the contact alone.',
            'The history names you with what is done through it. Where the contact opted out, an opt-in through it counts only once the contact confirms it by mail.',
          ],
          form: {
            action: adminPaths.linkCopies(record.id),
            hidden: [],
            fields: [...channelFields(record), unitField(record)],
            button: 'Make the link',
            isStop: false,
          },
        });
        sendAct(deps, response, page);
      },
    },
    {
      ...copies,
      method: 'POST',
      // The answer is the page itself: a link in a redirect's URL would stay in logs and in the browser's history.
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        const named = textOf(ask.request, 'channel', 20) || (record.channels[0]?.channel ?? '');
        const { channel, address } = addressedChannelOf(record, named);
        const unitId = unitOf(ask, record);
        const links = await mintLink(deps, {
          ...{ channel, address, unitId, copiedBy: ask.user.id },
          ...localeOf(record),
        });
        await noteAct(deps, ask, record, 'LINK_COPIED', { unitId, detail: channel });
        response.send(
          deps.views.page('admin-contact-link', {
            ...adminFrame(ask, 'contacts', 'Copy link'),
            crumbs: [
              { href: adminPaths.contacts(), label: 'Contacts' },
              { href: adminPaths.contact(record.id), label: record.name },
            ],
            sentences: [
              `It opens the preferences of ${address} and works for ${deps.config.linkLifetimeDays} days; after that it can still opt out.`,
            ],
            url: links.managePreferencesUrl,
            backUrl: adminPaths.contact(record.id),
          }),
        );
      },
    },
    {
      ...revocations,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        const page = actPage(ask, record, {
          title: 'Revoke links',
          heading: `Revoke ${record.name}’s links?`,
          sentences: [
            'Links in all mails sent so far can then opt out, and nothing else: they no longer show or change preferences. Do it where a mail was forwarded, or a link became known.',
            'One-click unsubscribing goes on working. Mails sent from now on have new links.',
          ],
          form: {
            action: adminPaths.linkRevocations(record.id),
            hidden: [],
            fields: [],
            button: 'Revoke links',
            isStop: true,
          },
        });
        sendAct(deps, response, page);
      },
    },
    {
      ...revocations,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        for (const one of record.channels)
          await act(deps, ask, { record, one }, { wishes: [{ kind: 'REVOKE_LINKS' }], reasons: noReasons });
        await noteAct(deps, ask, record, 'LINKS_REVOKED');
        response.redirect(303, saying(ask, adminPaths.contact(record.id), 'revoked'));
      },
    },
  ];
}

/** In whose name: a unit that the user reaches. */
function unitField({ catalogue, contact }: OpenedRecord): ActField {
  const units = [...catalogue.units.values()];
  const own = units.find(({ id }) => contact?.unitIds.includes(id)) ?? units[0];
  return {
    kind: 'select',
    id: 'unit',
    name: 'unit',
    label: 'In the name of',
    choices: units.map(({ id, name }) => ({ value: String(id), label: name, isSelected: id === own?.id })),
    isRequired: true,
    isInvalid: false,
  };
}

function channelFields({ channels }: OpenedRecord): ActField[] {
  if (channels.length < 2) return [];
  return [
    {
      kind: 'select',
      id: 'channel',
      name: 'channel',
      label: 'For which address',
      choices: channels.map(({ channel, address }, index) => ({
        value: channel,
        label: `${channelNames[channel]}: ${address}`,
        isSelected: index === 0,
      })),
      isRequired: true,
      isInvalid: false,
    },
  ];
}

/** The unit of the form, or the contact's first, or the first of all. @throws DomainError `NOT_FOUND` for one that the user does not reach */
function unitOf({ request }: Ask, { catalogue, contact }: OpenedRecord): number {
  const sent = textOf(request, 'unit', 20);
  const [first] = (contact?.unitIds ?? [...catalogue.units.keys()]).filter((id) => catalogue.units.has(id));
  const unitId = sent === '' ? first : wholeOf(sent);
  if (unitId === undefined || unitId === null || !catalogue.units.has(unitId))
    throw new DomainError('NOT_FOUND');
  return unitId;
}

/** The language that the contact is written to in, where it is one of the pages'. */
function localeOf({ contact }: OpenedRecord): { locale?: string } {
  const known = knownLocale(contact?.locale);
  return known ? { locale: known } : {};
}
