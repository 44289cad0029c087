/** What the record of a contact is made of: the contact, its addresses, and the events that made what stands, within a scope. */
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { isInScope } from '../../scope.js';
import type { Scope } from '../../scope.js';
import { reading } from '../consent/durability.js';
import { findEvents } from '../consent/find-events.js';
import { channels } from '../consent/terms.js';
import type { Catalogue, Channel, ConsentEvent } from '../consent/terms.js';
import { findListedSubscribers } from './listed.js';
import { getContact, isWhollyInScope } from './read.js';

export interface RecordDeps {
  models: Pick<Models, 'contacts' | 'subscribers' | 'archivedEvents'>;
  catalogue: () => Promise<Catalogue>;
}

export interface ChannelRecord {
  channel: Channel;
  subscriber: SubscriberHead;
  /** The events that made what stands, by their numbers; without those of units outside the scope. */
  events: ReadonlyMap<number, ConsentEvent>;
}

export interface ContactRecord {
  /** With the units of the scope alone. */
  contact: Contact;
  /** True where deleting or erasing it touches no unit outside the scope. */
  isWhollyInScope: boolean;
  /** In the order of the channels. */
  channels: ChannelRecord[];
}

/**
 * Reads a record: the contact, its addresses by their ids, and those of the events it names that have gone to the archive. However long the
 * history is, it reads no more.
 * @throws DomainError `NOT_FOUND` where there is no such contact in the scope
 */
export async function readContactRecord(
  deps: RecordDeps,
  { scope, contactId }: { scope: Scope; contactId: string },
): Promise<ContactRecord> {
  const catalogue = await reading(() => deps.catalogue());
  const contact = await getContact(deps, { scope, contactId });
  const found = await findListedSubscribers(deps, contact);
  const named = channels
    .flatMap((channel) => found.filter((subscriber) => subscriber.channel === channel))
    .map((subscriber) => ({ subscriber, seqs: seqsOf(subscriber, scope, catalogue) }));
  const eventOf = await findEvents(deps.models, named);
  return {
    contact: { ...contact, unitIds: contact.unitIds.filter((id) => isInScope(scope, id)) },
    isWhollyInScope: isWhollyInScope(scope, contact),
    channels: named.map(({ subscriber: { events: _, ...head }, seqs }) => {
      const events = seqs.flatMap((seq) => eventOf(head._id, seq) ?? []);
      return {
        channel: head.channel,
        subscriber: head,
        events: new Map(events.map((event) => [event.seq, event])),
      };
    }),
  };
}

/** Numbers of the events that made what stands. */
function seqsOf({ optOuts, statuses }: Subscriber, scope: Scope, { units, types }: Catalogue): number[] {
  const standings = [
    optOuts.portal,
    ...[...units.keys()].filter((id) => isInScope(scope, id)).map((id) => optOuts.units[id]),
    ...[...types.values()].filter(({ unitId }) => isInScope(scope, unitId)).map(({ id }) => statuses[id]),
  ];
  return standings.flatMap((standing) => standing?.seq ?? []);
}
