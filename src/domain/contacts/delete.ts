/** Deleting a contact: the record goes, the preferences of its addresses stay. */
import { DomainError } from '../../errors.js';
import { findContactById, tombstoneOf, type Contact } from '../../models/contact.js';
import { reading, writing } from '../consent/durability.js';
import { releaseAll, type ClaimDeps } from './release.js';
import { getContact, isWhollyInScope, type WantedContact } from './read.js';

/**
 * Deletes a contact. The record goes first: a claim without a contact can be taken over, so a crash in between blocks nothing. The document stays,
 * empty, until the change feed has published the deletion.
 * @throws DomainError `NOT_FOUND`; `NOT_PERMITTED` where it also belongs to units outside the scope
 */
export async function deleteContact(deps: ClaimDeps, wanted: WantedContact): Promise<Contact> {
  const contact = await getContact(deps, wanted);
  if (!isWhollyInScope(wanted.scope, contact))
    throw new DomainError(
      'NOT_PERMITTED',
      'This contact also belongs to business units that you do not reach.',
    );
  await removeContact(deps, contact);
  return contact;
}

/**
 * Deletes without checking rights. Repeating it changes nothing.
 * @param contact as its caller has read it: addresses that it has got since are released too
 */
export async function removeContact(
  deps: ClaimDeps,
  { _id, subscribers }: Pick<Contact, '_id' | 'subscribers'>,
): Promise<void> {
  const { contacts } = deps.models;
  const listed = new Set(Object.values(subscribers));
  for (;;) {
    const contact = await reading(() => findContactById(contacts, _id));
    if (!contact) break;
    const outcome = await writing(() =>
      contacts.collection.replaceOne(
        { _id: _id as never, projection: contact.projection },
        tombstoneOf(contact, deps.clock()) as never,
      ),
    );
    if (outcome.matchedCount === 0) continue;
    for (const subscriberId of Object.values(contact.subscribers)) listed.add(subscriberId);
    break;
  }
  await releaseAll(
    deps,
    [...listed].flatMap((subscriberId) => (subscriberId ? [{ contactId: _id, subscriberId }] : [])),
    { areGone: true },
  );
}
