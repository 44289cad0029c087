/** Reads what a record shows: the contact and its one to three subscribers by their ids, and on its other tab their histories. */
import { trusted } from 'mongoose';
import { reading } from '../../../domain/consent/durability.js';
import { readHistory } from '../../../domain/consent/history.js';
import { channels } from '../../../domain/consent/terms.js';
import type { Channel, ConsentEvent } from '../../../domain/consent/terms.js';
import { getContact } from '../../../domain/contacts/read.js';
import type { Deps } from '../../../deps.js';
import type { Contact } from '../../../models/contact.js';
import type { Subscriber } from '../../../models/subscriber.js';
import { isInScope } from '../../../scope.js';
import type { Scope } from '../../../scope.js';

/** One address of the contact's, with what was decided about it and its newest events. */
export interface ChannelRecord {
  channel: Channel;
  address: string;
  subscriberId: string;
  subscriber: Subscriber;
}

/** @throws DomainError `NOT_FOUND` for a contact that is not there, or not in this scope */
export async function readRecord(
  { models }: Pick<Deps, 'models'>,
  wanted: { scope: Scope; contactId: string },
): Promise<{ contact: Contact; channels: ChannelRecord[] }> {
  const contact = await getContact({ models }, wanted);
  const found = await readSubscribers(
    { models },
    channels.flatMap((channel) => contact.subscribers[channel] ?? []),
  );
  return {
    contact,
    channels: channels.flatMap((channel) => {
      const subscriber = found.find(({ _id }) => _id === contact.subscribers[channel]);
      const address = channel === 'EMAIL' ? contact.email : contact.phone;
      return subscriber && address ? [{ channel, address, subscriberId: subscriber._id, subscriber }] : [];
    }),
  };
}

/** With their events, as a majority of members has them. */
export async function readSubscribers(
  { models }: Pick<Deps, 'models'>,
  ids: readonly string[],
): Promise<Subscriber[]> {
  if (ids.length === 0) return [];
  return reading(() =>
    models.subscribers
      .find({ _id: trusted({ $in: [...ids] }) })
      .read('primary')
      .readConcern('majority')
      .lean<Subscriber[]>(),
  );
}

/** Every event of these addresses, newest first, archived ones too; those of units outside the scope do not exist. */
export async function readEvents(
  { models }: Pick<Deps, 'models'>,
  of: readonly ChannelRecord[],
  { scope, unitId }: { scope: Scope; unitId: number | null },
): Promise<ConsentEvent[]> {
  const histories = await Promise.all(
    of.map(({ subscriberId }) => reading(() => readHistory(models, subscriberId))),
  );
  const isShown = ({ change }: ConsentEvent) =>
    change.unitId === null ||
    (isInScope(scope, change.unitId) && (unitId === null || unitId === change.unitId));
  return histories
    .flatMap((history) => history?.events ?? [])
    .filter(isShown)
    .sort((one, other) => other.at.getTime() - one.at.getTime() || other.seq - one.seq);
}
