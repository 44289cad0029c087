/** Deletes many contacts on condition that nobody has changed them, such as those of an import that is undone. */
import { findContactsById, tombstoneOf, type Contact } from '../../models/contact.js';
import { reading, writing } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';
import { releaseAll, type ClaimDeps, type Release } from './release.js';

/**
 * Deletes those of the contacts that still have their version. Preferences stay with the addresses. It takes the same number of round trips for one
 * contact and for 500, unless others write at the same time. Repeating it changes nothing.
 * @param createdBy the maker of the contacts, as in `createdBy`: others are left alone
 * @returns ids of the contacts that exist afterwards
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function deleteUnchanged(
  deps: ClaimDeps,
  wanted: readonly { id: string; version: number }[],
  createdBy: string,
): Promise<Set<string>> {
  const { contacts } = deps.models;
  const versions = new Map(wanted.map(({ id, version }) => [id, version]));
  const seen = new Map<string, Contact>();
  for (;;) {
    const found = await reading(() => findContactsById(contacts, [...versions.keys()]));
    const unchanged = found.filter(
      (one) => one.createdBy === createdBy && one.version === versions.get(one._id),
    );
    if (unchanged.length === 0) {
      for (const { _id } of found) seen.delete(_id);
      // The records go first: a claim without a contact can be taken over, so a crash in between blocks nothing.
      await releaseAll(deps, [...seen.values()].flatMap(releasesOf), { areGone: true });
      return new Set(found.map(({ _id }) => _id));
    }
    const writes = unchanged.map((contact) => ({
      replaceOne: {
        filter: { _id: contact._id as never, projection: contact.projection },
        replacement: tombstoneOf(contact, deps.clock()) as never,
      },
    }));
    for (const contact of unchanged) seen.set(contact._id, contact);
    await writing(() => contacts.collection.bulkWrite(writes, { ordered: false }));
  }
}

function releasesOf({ _id: contactId, subscribers }: Contact): Release[] {
  return channels.flatMap((channel) => {
    const subscriberId = subscribers[channel];
    return subscriberId === null ? [] : [{ contactId, subscriberId }];
  });
}
