/** Reads the subscribers of a contact's addresses by their ids: whole documents, and only those that the contact has claimed. */
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { findWholeSubscribers } from '../../models/find-subscribers.js';
import type { Subscriber } from '../../models/subscriber.js';
import { reading } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';

/** At most three documents, in no order, including their events. */
export async function findListedSubscribers(
  { models }: { models: Pick<Models, 'subscribers'> },
  contact: Pick<Contact, '_id' | 'subscribers'>,
): Promise<Subscriber[]> {
  const ids = channels.flatMap((channel) => contact.subscribers[channel] ?? []);
  const found = await reading(() => findWholeSubscribers(models.subscribers, ids));
  return [...found.values()].filter(({ contactId }) => contactId === contact._id);
}
