/** Reads one contact within a scope, and the subscribers of its addresses. Outside the scope nothing exists. */
import { DomainError } from '../../errors.js';
import { findContactById, type Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope, isWithin, type Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import { findWholeSubscribers } from '../../models/find-subscribers.js';
import type { Subscriber } from '../../models/subscriber.js';
import { channels } from '../../vocabulary/terms.js';

export interface WantedContact {
  scope: Scope;
  contactId: string;
}

/** The contact, or null if there is none within the scope. */
export async function findContact(
  { models }: { models: Pick<Models, 'contacts'> },
  { scope, contactId }: WantedContact,
): Promise<Contact | null> {
  const contact = await reading(() => findContactById(models.contacts, contactId));
  return contact && !contact.blankUntil && isAnyInScope(scope, contact.unitIds) ? contact : null;
}

/** @throws DomainError `NOT_FOUND` if there is none within the scope */
export async function getContact(
  deps: { models: Pick<Models, 'contacts'> },
  wanted: WantedContact,
): Promise<Contact> {
  const contact = await findContact(deps, wanted);
  if (!contact) throw new DomainError('NOT_FOUND', 'There is no such contact.');
  return contact;
}

/** True if the scope contains every unit of the contact. Deleting or erasing it affects all of them. */
export function isWhollyInScope(scope: Scope, { unitIds }: Pick<Contact, 'unitIds'>): boolean {
  return isWithin(unitIds, scope);
}

/** At most three documents, in no order, including their events. */
export async function findListedSubscribers(
  { models }: { models: Pick<Models, 'subscribers'> },
  contact: Pick<Contact, '_id' | 'subscribers'>,
): Promise<Subscriber[]> {
  const ids = channels.flatMap((channel) => contact.subscribers[channel] ?? []);
  const found = await reading(() => findWholeSubscribers(models.subscribers, ids));
  return [...found.values()].filter(({ contactId }) => contactId === contact._id);
}
