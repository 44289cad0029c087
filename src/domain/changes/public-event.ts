/**
 * An entry of the change feed as other systems get it. The address is looked up when the event is read, so an erased one is in none, whenever the
 * event happened.
 */
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { z } from 'zod';
import type { SubjectChange } from '../../models/change.js';
import { findContactsById } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { allEventTypes, typeOfConsent, typeOfContact, type EventType } from '../../vocabulary/event-types.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { actorKinds, channels, legalBases } from '../../vocabulary/terms.js';
import { reading } from '../consent/durability.js';

const id = z.number().int().nullable();
const text = z.string().nullable();

/** What happened, and to whom. Every event has every field; null means that it does not apply. */
export const eventData = z.strictObject({
  subscriberId: text.describe('The address in its channel, under a name that never changes.'),
  sequence: z.number().int().describe('Grows with each event of the same subscriber or contact.'),
  channel: z.enum(channels).nullable(),
  address: text.describe('The address as it is now; null once it was erased.'),
  contactId: text.describe('Null also for a contact outside the business units of the reader.'),
  businessUnitId: id.describe('Null: the whole account.'),
  subscriptionTypeId: id.describe('Null: all types, or none in particular.'),
  subscriptionTypeIds: z.array(z.number().int()).describe('The types that a confirmation is about.'),
  from: text.describe('The status before. For a pause its end, for an opt-out of all OPTED_OUT or null.'),
  to: text.describe('The status after.'),
  reason: text.describe('Why an address cannot receive.'),
  actor: z.strictObject({ kind: z.enum(actorKinds), ref: text }).nullable(),
  legalBasis: z.enum(legalBases).nullable(),
  campaign: text,
  isMachine: z.boolean().describe('A link scanner probably did it, not a person.'),
});

/** The body of a webhook, and an item of `GET /changes` (Standard Webhooks, "payload structure"). */
export const publicEvent = z.strictObject({
  id: z.string().describe('The same in every delivery of this event, and in the list of changes.'),
  type: z.enum(allEventTypes),
  timestamp: z.iso.datetime().describe('When it happened.'),
  data: eventData,
});
export type PublicEvent = z.infer<typeof publicEvent>;

export function eventTypeOf(entry: SubjectChange): EventType {
  return entry.kind === 'CONSENT' ? typeOfConsent[entry.event.change.op] : typeOfContact[entry.event.op];
}

/** @param key of the entry, or another text that names the event */
export function eventIdOf(key: string): string {
  return `msg_${createHash('sha256').update(key).digest('base64url').slice(0, 27)}`;
}

/**
 * Entries as events, in their order. Addresses cost one read.
 * @param scope of the reader: a contact outside of it is not named, which costs a limited reader another read
 */
export async function publicEventsOf(
  models: Pick<Models, 'contacts' | 'subscribers'>,
  entries: readonly SubjectChange[],
  scope: Scope,
): Promise<PublicEvent[]> {
  const isNamed = await contactsWithin(models, entries, scope);
  const ids = new Set(entries.flatMap((entry) => (entry.kind === 'CONSENT' ? [entry.subscriberId] : [])));
  const found =
    ids.size === 0
      ? []
      : await reading(() =>
          models.subscribers
            .find({ _id: mongoose.trusted({ $in: [...ids] }) }, { address: 1 })
            .batchSize(ids.size + 1)
            .lean<Pick<Subscriber, '_id' | 'address'>[]>(),
        );
  const addresses = new Map(found.map(({ _id, address }) => [_id, address]));
  return entries.map((entry) => ({
    id: eventIdOf(entry.key),
    type: eventTypeOf(entry),
    timestamp: entry.event.at.toISOString(),
    data: entry.kind === 'CONSENT' ? consentData(entry, addresses, isNamed) : contactData(entry),
  }));
}

async function contactsWithin(
  models: Pick<Models, 'contacts'>,
  entries: readonly SubjectChange[],
  scope: Scope,
): Promise<(contactId: string) => boolean> {
  if (scope === null) return () => true;
  const ids = new Set(entries.flatMap((entry) => (entry.kind === 'CONSENT' && entry.contactId) || []));
  const found = ids.size === 0 ? [] : await reading(() => findContactsById(models.contacts, [...ids]));
  const within = new Set(found.filter(({ unitIds }) => isAnyInScope(scope, unitIds)).map(({ _id }) => _id));
  return (contactId) => within.has(contactId);
}

const nothing = {
  ...{ subscriberId: null, channel: null, address: null, businessUnitId: null, subscriptionTypeId: null },
  ...{ subscriptionTypeIds: [], from: null, to: null, reason: null, actor: null, legalBasis: null },
  ...{ campaign: null, isMachine: false },
};

function contactData({ contactId, event }: Extract<SubjectChange, { kind: 'CONTACT' }>): PublicEvent['data'] {
  return { ...nothing, contactId, sequence: event.seq };
}

function consentData(
  { subscriberId, contactId, event }: Extract<SubjectChange, { kind: 'CONSENT' }>,
  addresses: ReadonlyMap<string, string | null>,
  isNamed: (contactId: string) => boolean,
): PublicEvent['data'] {
  const { change, actor, channel, seq, legalBasis = null, campaign = null, isMachine = false } = event;
  return {
    ...{ ...nothing, subscriberId, channel, sequence: seq, legalBasis, campaign, isMachine },
    contactId: contactId !== null && isNamed(contactId) ? contactId : null,
    address: addresses.get(subscriberId) ?? null,
    ...{ businessUnitId: change.unitId, subscriptionTypeId: change.typeId },
    subscriptionTypeIds: change.op === 'PENDING' ? change.typeIds : [],
    ...('from' in change ? { from: sideOf(change.from), to: sideOf(change.to) } : {}),
    reason: change.op === 'UNDELIVERABLE' ? change.reason : null,
    actor: { kind: actor.kind, ref: actor.ref ?? null },
  };
}

/** One side of a change as a text: a status, the end of a pause, or whether there is an opt-out of all. */
function sideOf(side: string | boolean | Date | number | null): string | null {
  if (side instanceof Date) return side.toISOString();
  if (typeof side === 'boolean') return side ? 'OPTED_OUT' : null;
  return side === null ? null : String(side);
}
