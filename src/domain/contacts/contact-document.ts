/** The documents of a contact that is being saved: blank before it is made, and whole as it is written. */
import { isDeepStrictEqual } from 'node:util';
import { newId } from '../../new-id.js';
import type { ContactEvent } from '../../models/change.js';
import { markWith, type Contact } from '../../models/contact.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { ActorKind, Catalogue, Channel } from '../../vocabulary/terms.js';
import type { ContactDetails } from './contact-form.js';
import { facetsOf, hasSameFacets, standingsOf } from './facets.js';
import { keysOf, wordsOf } from './words.js';

const blankForMs = 24 * 3_600_000;

/** A contact that is yet to be made: addresses can be claimed for it. */
export function blankContact(
  { kind, ref }: { kind: ActorKind; ref: string },
  now: Date,
  _id: string = newId(),
): Contact {
  return {
    ...{ _id, firstName: '', lastName: '', email: null, phone: null },
    ...{ locale: null, properties: {}, processingBasis: null, unitIds: [], source: kind, createdBy: ref },
    ...{ subscribers: { EMAIL: null, SMS: null, WHATSAPP: null }, facets: [], words: [] },
    ...{ nameKey: '', emailKey: '', addedKey: '', version: 0, createdAt: now, updatedAt: now },
    // A blank of the same id may have been deleted. What was to be written to that one is refused.
    projection: Math.floor(Math.random() * 1_000_000_000),
    // By the true time whatever `now` says, since it is the database that takes it away.
    blankUntil: new Date(Date.now() + blankForMs),
  };
}

/** Whether a contact is a marketing contact. A contact that is being created has the default of the tool that creates it. */
function isMarketing(contact: Contact, { nonMarketingSources }: Pick<Catalogue, 'nonMarketingSources'>) {
  return contact.isMarketing ?? !(contact.blankUntil && nonMarketingSources.includes(contact.source));
}

/** Whether a contact is a non-marketing contact, or becomes one at the next update. */
export function mayBeNonMarketing(
  contact: Contact,
  catalogue: Pick<Catalogue, 'nonMarketingSources'>,
): boolean {
  return !isMarketing(contact, catalogue) || Boolean(contact.leavesMarketingSince);
}

/** The contact as it is with these details and with what its addresses decided: the document that is written, but for the end of a blank. */
export function contactWith(
  before: Contact,
  details: ContactDetails,
  heads: readonly SubscriberHead[],
  { catalogue, now, ref }: { catalogue: Catalogue; now: Date; ref?: string | undefined },
): Contact {
  const headOf = (channel: Channel) => heads.find((head) => head.channel === channel) ?? null;
  const decisions = { EMAIL: headOf('EMAIL'), SMS: headOf('SMS'), WHATSAPP: headOf('WHATSAPP') };
  const isNew = before.blankUntil !== undefined;
  const contact: Contact = {
    ...before,
    ...details,
    ...(isNew ? { isMarketing: isMarketing(before, catalogue) } : {}),
    subscribers: {
      EMAIL: decisions.EMAIL?._id ?? null,
      SMS: decisions.SMS?._id ?? null,
      WHATSAPP: decisions.WHATSAPP?._id ?? null,
    },
    version: before.version + 1,
    projection: before.projection + 1,
    updatedAt: now,
  };
  const event: ContactEvent = {
    ...{ seq: contact.version, at: now, op: isNew ? 'CREATED' : 'CHANGED' },
    ...(isNew ? {} : { fields: changedFields(before, contact) }),
    ...(ref === undefined ? {} : { by: ref }),
  };
  return {
    ...contact,
    unpublished: markWith(before, event),
    ...keysOf(contact),
    words: wordsOf(contact),
    facets: facetsOf(contact, decisions, catalogue),
    standings: standingsOf(decisions),
  };
}

/** What a save can change. */
const saved = [
  ...(['firstName', 'lastName', 'email', 'phone', 'locale', 'processingBasis', 'unitIds'] as const),
  ...(['properties', 'subscribers'] as const),
];

function changedFields(before: Contact, after: Contact): string[] {
  const names = new Set([...Object.keys(before.properties), ...Object.keys(after.properties)]);
  return [
    ...saved.filter((field) => field !== 'properties' && !isDeepStrictEqual(before[field], after[field])),
    ...[...names]
      .filter((name) => before.properties[name] !== after.properties[name])
      .map((name) => `property:${name.toLowerCase()}`),
  ];
}

/** True where there is nothing to write. */
export function isSameContact(before: Contact, after: Contact): boolean {
  return (
    !before.blankUntil &&
    saved.every((field) => isDeepStrictEqual(before[field], after[field])) &&
    hasSameFacets(before.facets, after.facets) &&
    isDeepStrictEqual(before.standings ?? {}, after.standings ?? {})
  );
}
