/** Links of a contact: mailing one, copying one, and revoking all earlier ones. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { mailLink } from '../../../domain/links/mail-link.js';
import { mintLink } from '../../../domain/links/mint-links.js';
import { DomainError } from '../../../errors.js';
import { staffRef } from '../../../vocabulary/access.js';
import { knownLocale } from '../../../vocabulary/locales.js';
import { channelNames } from '../../../vocabulary/words.js';
import type { FieldPlan } from '../kit/fields.js';
import { declareAct, declareForm, type FormPlan } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import { unitOptions } from '../options.js';
import type { Ask, StaffRoute } from '../route.js';
import { act, noteAct } from './act.js';
import { aboutRecord, actRoutes } from './act-page.js';
import { addressedChannelOf, openForAct, openForAll, type OpenedRecord } from './open-record.js';

interface Subject {
  record: OpenedRecord;
}

const common: Pick<
  FormPlan<Subject, { unit: number; channel: string }>,
  'may' | 'about' | 'texts' | 'schema'
> = {
  may: 'links.send',
  about: 'contact',
  texts: ({ record }) => ({
    unit: String(ownUnitOf(record)?.id ?? ''),
    channel: record.channels[0]?.channel ?? '',
  }),
  schema: ({ subject: { record } }) =>
    z.object({
      unit: z.string().transform((text) => unitIn(record, text)),
      channel: z.string().default(record.channels[0]?.channel ?? ''),
    }),
};

const mailForm = declareForm({
  ...common,
  pattern: adminPatterns.linkMails,
  groups: ({ record }) => [{ fields: [unitField(record)] }],
  button: 'Send the link',
  save: async ({ deps, ask, subject: { record }, values: { unit: unitId } }) => {
    const { address } = addressedChannelOf(record, 'EMAIL');
    const { isNew } = await mailLink(deps, { address, unitId, ...localeOf(record) }, staffRef(ask.user));
    if (isNew) await noteAct(deps, ask, record, 'LINK_SENT', { unitId });
    return { to: adminPaths.contact(record.id), said: isNew ? 'mailed' : 'mailed-before' };
  },
});

const copyForm = declareForm({
  ...common,
  pattern: adminPatterns.linkCopies,
  groups: ({ record }) => [{ fields: [...channelFields(record), unitField(record)] }],
  button: 'Make the link',
  save: async ({ deps, ask, subject: { record }, values: { unit: unitId, channel: named } }) => {
    const { channel, address } = addressedChannelOf(record, named);
    const wanted = { channel, address, unitId, copiedBy: ask.user.id, ...localeOf(record) };
    const { managePreferencesUrl } = await mintLink(deps, wanted);
    await noteAct(deps, ask, record, 'LINK_COPIED', { unitId, detail: channel });
    // The answer is the page itself: the URL of a redirect would stay in logs and in the browser's history.
    return { html: linkPage(deps, ask, record, address, managePreferencesUrl) };
  },
});

const revocationForm = declareAct<Subject>({
  ...{ may: 'links.send', about: 'contact', pattern: adminPatterns.linkRevocations },
  button: 'Revoke links',
  look: 'stop',
  save: async ({ deps, ask, subject: { record } }) => {
    for (const one of record.channels)
      await act(deps, ask, { record, one }, { wishes: [{ kind: 'REVOKE_LINKS' }] });
    await noteAct(deps, ask, record, 'LINKS_REVOKED');
    return { to: adminPaths.contact(record.id), said: 'revoked' };
  },
});

export function linkRoutes(deps: Deps): StaffRoute[] {
  const openAll = async (_deps: Deps, ask: Ask) => ({ record: await openForAll(deps, ask) });
  return [
    ...actRoutes(deps, mailForm, {
      load: async (_deps, ask) => ({ record: await openForAct(deps, ask) }),
      show: ({ record }) => {
        const { address, subscriber } = addressedChannelOf(record, 'EMAIL');
        const title = 'Send preferences link';
        return subscriber.undeliverable
          ? {
              title,
              heading: `No mail reaches ${record.name}`,
              isOffered: false,
              sentences: [
                `Mail to ${address} came back or was reported as spam, so nothing is mailed to it. You can copy a link and send it in another way.`,
              ],
            }
          : {
              title,
              heading: `Send ${record.name} the link?`,
              sentences: [`A mail “Manage your preferences” goes to ${address}.`],
            };
      },
    }),
    ...actRoutes(deps, copyForm, {
      load: openAll,
      show: ({ record }) => ({
        title: 'Copy link',
        heading: `Make a link for ${record.name}?`,
        sentences: [
          'Anyone who has the link can see and change these preferences, so give it to the contact alone.',
          'The history names you with what is done through it. Where the contact opted out, an opt-in through it counts only once the contact confirms it by mail.',
        ],
      }),
    }),
    ...actRoutes(deps, revocationForm, {
      load: openAll,
      show: ({ record }) => ({
        title: 'Revoke links',
        heading: `Revoke ${record.name}’s links?`,
        sentences: [
          'Links in all mails sent so far can then only opt out: they no longer show or change preferences. Do this if a mail was forwarded, or a link became known.',
          'One-click unsubscribing continues to work. Mails sent from now on have new links.',
        ],
      }),
    }),
  ];
}

function linkPage(deps: Deps, ask: Ask, record: OpenedRecord, address: string, value: string): string {
  const shown = {
    ...aboutRecord(record),
    title: 'Copy link',
    heading: 'The link is ready',
    panels: [
      {
        sentences: [
          `It opens the preferences of ${address} and works for ${deps.config.linkLifetimeDays} days. After that it can only opt out.`,
        ],
        secret: { label: 'Link', value, isLong: true },
        link: { href: adminPaths.contact(record.id), text: 'Back to the record' },
      },
    ],
  };
  return pageHtml(deps, ask, { section: 'contacts' }, shown);
}

export function unitField({ catalogue }: OpenedRecord): FieldPlan {
  const options = unitOptions(catalogue.units.values());
  return { kind: 'select', name: 'unit', label: 'In the name of', isRequired: true, options };
}

function channelFields({ channels }: OpenedRecord): FieldPlan[] {
  if (channels.length < 2) return [];
  const options = channels.map(({ channel, address }) => ({
    value: channel,
    label: `${channelNames[channel]}: ${address}`,
  }));
  return [{ kind: 'select', name: 'channel', label: 'For which address', isRequired: true, options }];
}

/** The contact's first unit that the user reaches, or the first of all. */
export function ownUnitOf({ catalogue, contact }: OpenedRecord) {
  const units = [...catalogue.units.values()];
  return units.find(({ id }) => contact?.unitIds.includes(id)) ?? units[0];
}

/** The chosen unit; the contact's own if none was chosen. @throws DomainError `NOT_FOUND` for one that the user does not reach */
export function unitIn(record: OpenedRecord, text: string): number {
  const units = [...record.catalogue.units.values()];
  const unit = text === '' ? ownUnitOf(record) : units.find(({ id }) => String(id) === text);
  if (!unit) throw new DomainError('NOT_FOUND');
  return unit.id;
}

/** The contact's language, if the pages have it. */
export function localeOf({ contact }: OpenedRecord): { locale?: string } {
  const known = knownLocale(contact?.locale);
  return known ? { locale: known } : {};
}
