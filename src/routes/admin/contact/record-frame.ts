/** The parts that both tabs of a record share: details, actions, tabs and filters. */
import { adminPaths } from '../../../admin-paths.js';
import { mayRole } from '../../../vocabulary/access.js';
import { channels, type Catalogue } from '../../../vocabulary/terms.js';
import type { Contact } from '../../../models/contact.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { marketingStatusName, untilUpdateName } from '../../../domain/filters/conditions/marketing.js';
import { isMarketingContact, isUntilNextUpdate } from '../../../domain/marketing/status.js';
import type { ActionLink, Fact, RecordFrame } from '../../../views/admin-record-pages.js';
import { adminFrame } from '../frame.js';
import type { Ask } from '../route.js';
import { basisNames, channelNames, dayOf, languageOf, listOf } from '../../../vocabulary/words.js';
import { unitName } from './event-words.js';
import { cannotReceive } from './cannot-receive.js';
import { isMailable, optOutsOfAll, type OpenedRecord, type RecordFilter } from './open-record.js';
import { whatOf } from './record-page.js';
import { recordSaying } from './sayings.js';
import { verdictsOf } from './verdict.js';
import { present } from '../present.js';

/** @param tab which of the two is shown */
export function recordFrame(
  ask: Ask,
  record: OpenedRecord,
  filter: RecordFilter,
  tab: 'subscriptions' | 'history',
): RecordFrame {
  const { id: recordId, contact, name, catalogue } = record;
  const query = { unit: filter.unitId ?? undefined, channel: filter.channel ?? undefined };
  const tabs = [
    { id: 'subscriptions', label: 'Subscriptions', href: adminPaths.contact(recordId, query) },
    { id: 'history', label: 'History', href: adminPaths.contactHistory(recordId, query) },
  ];
  return {
    ...adminFrame(ask, 'contacts', name, (said) => recordSaying(said, record)),
    name,
    contactsUrl: adminPaths.contacts(),
    actions: actionsOf(ask, record),
    ...(record.isErased ? { erased: erasedSentence(record) } : {}),
    verdicts: verdictsOf(record),
    about: factsOf(record),
    propertiesUrl: adminPaths.contactProperties(recordId),
    ...(contact && mayRole(ask.user.role, 'contacts.change')
      ? { editUrl: adminPaths.contactEdit(recordId) }
      : {}),
    others: othersOf(ask, record),
    tabs: tabs.map(({ id, label, href }) => ({ label, href, isCurrent: id === tab })),
    filters: {
      action: tab === 'history' ? adminPaths.contactHistory(recordId) : adminPaths.contact(recordId),
      units: present([
        catalogue.units.size > 1 && {
          value: '',
          label: 'All business units',
          isSelected: filter.unitId === null,
        },
        ...[...catalogue.units.values()].map(({ id, name: label }) => ({
          value: String(id),
          label,
          isSelected: filter.unitId === id,
        })),
      ]),
      channels: [
        { value: '', label: 'All channels', isSelected: filter.channel === null },
        ...channels.map((value) => ({
          value,
          label: channelNames[value],
          isSelected: filter.channel === value,
        })),
      ],
    },
  };
}

/** The sentence of an erased person's record, in place of actions. */
function erasedSentence({ channels: [first], catalogue }: OpenedRecord): string {
  const erasedAt = first?.subscriber.erasedAt;
  const when = erasedAt ? ` on ${dayOf(erasedAt, catalogue.timeZone)}` : '';
  return `The opt-out was kept when the data was erased${when}. Staff can change nothing here. Only the person can opt in again.`;
}

function actionsOf(
  { user, scope }: Ask,
  { id, contact, channels: known, isErased }: OpenedRecord,
): ActionLink[] {
  if (isErased) return [];
  const mayLink = mayRole(user.role, 'links.send');
  const addressed = known.filter(({ address }) => address !== '');
  return present([
    !contact &&
      addressed.length > 0 &&
      mayRole(user.role, 'contacts.change') && {
        href: adminPaths.newContact({ address: id }),
        label: 'Create contact',
      },
    mayLink && known.some(isMailable) && { href: adminPaths.linkMails(id), label: 'Send preferences link' },
    mayLink &&
      scope === null &&
      addressed.length > 0 && { href: adminPaths.linkCopies(id), label: 'Copy link' },
    known.length > 0 && { href: adminPaths.preview(id), label: 'Preview as contact' },
  ]);
}

/** Rarely used actions. Those beyond the user's units are left out. */
function othersOf({ user, scope }: Ask, record: OpenedRecord): ActionLink[] {
  const { id, contact, channels: known } = record;
  if (record.isErased) return [];
  const optedOutOf = [
    ...new Set(
      known.flatMap((one) =>
        optOutsOfAll(record, one).map(({ unitId }) => whatOf({ unitId, typeId: null }, record)),
      ),
    ),
  ];
  const mayOverride = mayRole(user.role, 'overrides.make');
  const links: (ActionLink & { isThere: boolean })[] = [
    {
      isThere: contact !== null,
      href: adminPaths.contactLists(id),
      label: 'Lists',
      hint: 'The lists that the contact is on.',
    },
    {
      isThere: contact !== null,
      href: adminPaths.contactWorkflows(id),
      label: 'Workflows',
      hint: 'The workflows that the contact is in, or was in.',
    },
    {
      isThere: contact !== null && mayRole(user.role, 'marketing.change') && record.isWhole,
      href: adminPaths.newMarketingEdit({ contact: id }),
      label: 'Set marketing contact status',
      hint: 'Only marketing contacts get marketing.',
    },
    {
      isThere: contact !== null && mayRole(user.role, 'bulk.run') && !mayOverride,
      href: adminPaths.newBulkEdit({ contact: id }),
      label: 'Edit communication subscriptions',
      hint: 'As bulk work on this one contact: a preview comes first.',
    },
    {
      isThere: mayOverride && optedOutOf.length > 0,
      href: adminPaths.communications(id),
      label: 'Record a call or one-to-one mail',
      hint: `Opted out of ${listOf(optedOutOf)}: a call or a one-to-one mail needs its own legal basis.`,
    },
    {
      isThere: mayRole(user.role, 'links.send') && scope === null && known.length > 0,
      href: adminPaths.linkRevocations(id),
      label: 'Revoke links',
      hint: 'Links sent so far can then only opt out.',
    },
    {
      isThere: scope === null,
      href: adminPaths.contactData(id),
      label: 'All data of the person',
      hint: 'Everything that is kept, as a page and a file, for a person who asks.',
    },
    {
      isThere: contact !== null && mayRole(user.role, 'contacts.change') && record.isWhole,
      href: adminPaths.contactDeletion(id),
      label: 'Delete the contact',
      hint: 'The record is deleted. What the address opted out of stays.',
    },
    {
      isThere: known.length > 0 && mayRole(user.role, 'people.erase') && scope === null,
      href: adminPaths.contactErasure(id),
      label: 'Erase the person',
      hint: 'All personal data is deleted for good. Only the opt-out stays.',
      isStop: true,
    },
  ];
  return links.filter(({ isThere }) => isThere).map(({ isThere: _, ...link }) => link);
}

function fact(term: string, line: string | null | undefined): Fact[] {
  return line ? [{ term, lines: [line] }] : [];
}

/** The details of the contact, or of the address. */
export function factsOf(record: OpenedRecord): Fact[] {
  const { contact, catalogue } = record;
  return contact
    ? [
        ...fact('E-mail', contact.email && shownAddress(contact.email)),
        ...fact('Phone', contact.phone),
        ...undeliverable(record),
        ...factsOfContact(contact, catalogue),
      ]
    : [...factsOfAddress(record), ...undeliverable(record)];
}

function factsOfContact(contact: Contact, catalogue: Catalogue): Fact[] {
  const units = contact.unitIds.map((id) => unitName(catalogue, id));
  return [
    ...fact('Language', contact.locale && languageOf(contact.locale)),
    {
      term: 'Legal basis for processing',
      lines: [contact.processingBasis ? basisNames[contact.processingBasis] : 'None given yet'],
    },
    ...fact(units.length === 1 ? 'Business unit' : 'Business units', listOf(units)),
    { term: marketingStatusName, lines: [isMarketingContact(contact) ? 'Marketing' : 'Non-marketing'] },
    { term: untilUpdateName, lines: [isUntilNextUpdate(contact) ? 'Yes' : 'No'] },
    ...Object.entries(contact.properties).map(([term, value]) => ({ term, lines: [value] })),
    { term: 'Added', lines: [dayOf(contact.createdAt, catalogue.timeZone)] },
  ];
}

/** The details of an address without a contact in the scope. */
function factsOfAddress({ channels: [first], scope, catalogue }: OpenedRecord): Fact[] {
  const erasedAt = first?.subscriber.erasedAt;
  return [
    ...fact(first?.channel === 'EMAIL' ? 'E-mail' : 'Phone', first?.address),
    { term: 'Contact', lines: [scope === null ? 'None' : 'None in your business units'] },
    ...(erasedAt ? fact('Personal data erased', dayOf(erasedAt, catalogue.timeZone)) : []),
  ];
}

/** An address that cannot receive has not opted out, so it is shown separately. */
function undeliverable({ channels: known, catalogue }: OpenedRecord): Fact[] {
  return known.flatMap(({ channel, subscriber }) =>
    subscriber.undeliverable
      ? [
          {
            term: `Cannot receive (${channelNames[channel]})`,
            lines: [
              `${cannotReceive(subscriber.undeliverable)}, ${dayOf(subscriber.undeliverable.at, catalogue.timeZone)}`,
            ],
            tone: 'warn' as const,
          },
        ]
      : [],
  );
}
