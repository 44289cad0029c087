/** Reads a record within a scope: the addresses, the events behind their current statuses, and the contact, if any. */
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { newSubscriber, type Subscriber, type SubscriberHead } from '../../models/subscriber.js';
import { findSubscriber, findWholeSubscribers } from '../../models/find-subscribers.js';
import { DomainError } from '../../errors.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading } from '../consent/durability.js';
import { findEvents } from '../consent/find-events.js';
import { channels, type Catalogue, type Channel, type ConsentEvent } from '../../vocabulary/terms.js';
import { findListedSubscribers, findContact, isWhollyInScope } from './read.js';
import { wantedAddresses } from './claims.js';

export interface RecordDeps {
  models: Pick<Models, 'contacts' | 'subscribers' | 'archivedEvents'>;
  catalogue: () => Promise<Catalogue>;
  subscriberIds: SubscriberIds;
  clock: () => Date;
}

export interface ChannelRecord {
  channel: Channel;
  /** Empty after erasure. */
  address: string;
  subscriberId: string;
  /** At version 0 it may not be stored yet, for example as one channel of a phone number. */
  subscriber: SubscriberHead;
  /** The events behind the current statuses, by their numbers, without those of units outside the scope. */
  events: ReadonlyMap<number, ConsentEvent>;
}

export interface FoundRecord {
  /** The contact's id, or the subscriber id of an address without a contact within the scope. */
  id: string;
  /** With the units of the scope only; null for an address without a contact. */
  contact: Contact | null;
  /** True if deleting or erasing the contact affects no unit outside the scope. */
  isWhollyInScope: boolean;
  /** In the order of the channels. */
  channels: ChannelRecord[];
}

/**
 * Reads a record: the contact, its addresses by their ids, and the needed events that have moved to the archive. The cost does not depend on the
 * length of the history.
 * @param wanted `id` is of a contact or of a subscriber. If a contact within the scope has the address, the record is the contact's
 * @throws DomainError `NOT_FOUND` if neither exists
 */
export async function readRecord(
  deps: RecordDeps,
  { scope, id }: { scope: Scope; id: string },
): Promise<FoundRecord> {
  const contact = await findContactOf(deps, { scope, id });
  const found = contact
    ? await findListedSubscribers(deps, contact)
    : await findSubscribersOfAddress(deps, id);
  if (!contact && found.length === 0) throw new DomainError('NOT_FOUND', 'There is no such record.');
  const catalogue = await reading(() => deps.catalogue());
  const named = channels
    .flatMap((channel) => found.filter((subscriber) => subscriber.channel === channel))
    .map((subscriber) => ({ subscriber, seqs: seqsOf(subscriber, scope, catalogue) }));
  const eventOf = await findEvents(deps.models, named);
  return {
    id: contact?._id ?? id,
    contact: contact && { ...contact, unitIds: contact.unitIds.filter((unit) => isInScope(scope, unit)) },
    isWhollyInScope: contact !== null && isWhollyInScope(scope, contact),
    channels: named.map(({ subscriber: { events: _, ...head }, seqs }) => {
      const events = seqs.flatMap((seq) => eventOf(head._id, seq) ?? []);
      return {
        channel: head.channel,
        // While a person is being erased, only the contact still has the address.
        address: head.address ?? (head.channel === 'EMAIL' ? contact?.email : contact?.phone) ?? '',
        subscriberId: head._id,
        subscriber: head,
        events: new Map(events.map((event) => [event.seq, event])),
      };
    }),
  };
}

/** The contact with this id, or the one with the address of this subscriber id. */
async function findContactOf(
  deps: RecordDeps,
  { scope, id }: { scope: Scope; id: string },
): Promise<Contact | null> {
  const contact = await findContact(deps, { scope, contactId: id });
  if (contact) return contact;
  const head = await reading(() => findSubscriber(deps.models.subscribers, id));
  const owner = head?.contactId ? await findContact(deps, { scope, contactId: head.contactId }) : null;
  return head && owner && Object.values(owner.subscribers).includes(head._id) ? owner : null;
}

/** The subscriber, and for a phone number also that of its other channel, which may not be stored yet. */
async function findSubscribersOfAddress(deps: RecordDeps, id: string): Promise<Subscriber[]> {
  const { subscribers } = deps.models;
  const own = (await reading(() => findWholeSubscribers(subscribers, [id]))).get(id);
  if (!own) return [];
  if (own.channel === 'EMAIL' || own.address === null) return [own];
  const others = wantedAddresses(deps, { email: null, phone: own.address }).filter(
    ({ subscriberId }) => subscriberId !== id,
  );
  const known = await reading(() =>
    findWholeSubscribers(
      subscribers,
      others.map(({ subscriberId }) => subscriberId),
    ),
  );
  return [
    own,
    ...others.map(
      ({ subscriberId, channel, address }) =>
        known.get(subscriberId) ?? newSubscriber(subscriberId, channel, address, deps.clock()),
    ),
  ];
}

/** Numbers of the events that made the opt-outs and subscriptions. */
function seqsOf({ optOuts, subscriptions }: Subscriber, scope: Scope, { units, types }: Catalogue): number[] {
  const reached = [...types.values()].filter(({ unitId }) => isInScope(scope, unitId));
  const sets = [
    optOuts.portal,
    ...[...units.keys()].filter((id) => isInScope(scope, id)).map((id) => optOuts.units[id]),
    ...reached.map(({ id }) => optOuts.types[id]),
  ];
  const standings = [...sets.flatMap((set) => set ?? []), ...reached.map(({ id }) => subscriptions[id])];
  return standings.flatMap((standing) => standing?.seq ?? []);
}
