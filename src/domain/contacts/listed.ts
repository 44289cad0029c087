/** The subscribers whose addresses a contact has: read by their ids, whole, and only those that it claims. */
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { findWholeSubscribers } from '../../models/find-subscribers.js';
import type { Subscriber } from '../../models/subscriber.js';
import { reading } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';

/** At most three documents, in no order, with the events that lie in them. */
export async function findListedSubscribers(
  { models }: { models: Pick<Models, 'subscribers'> },
  contact: Pick<Contact, '_id' | 'subscribers'>,
): Promise<Subscriber[]> {
  const ids = channels.flatMap((channel) => contact.subscribers[channel] ?? []);
  const found = await reading(() => findWholeSubscribers(models.subscribers, ids));
  return [...found.values()].filter(({ contactId }) => contactId === contact._id);
}
