/** Reads one contact within a scope. Outside the scope nothing exists. */
import { DomainError } from '../../errors.js';
import { findContactById, type Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope, isWithin, type Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';

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
