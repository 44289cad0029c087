/**
 * Projection: updates a contact's facets and standings from the statuses of its addresses. Every writer runs it after its write, and the change feed runs it again.
 * The contact is read before its subscribers and its write is conditional on that version, so older statuses never replace newer ones.
 */
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../../errors.js';
import { findContactsById, type Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';
import { channels, type Catalogue, type Channel } from '../../vocabulary/terms.js';
import type { ClaimDeps } from './release.js';
import { removeContact } from './delete.js';
import { facetsOf, hasSameFacets, standingsOf } from './facets.js';
import { writesOfSeveral, type ContactWrite } from './several-writes.js';

export interface ProjectionDeps extends ClaimDeps {
  catalogue: () => Promise<Catalogue>;
}

const mostAttempts = 20;

/**
 * Updates the facets of these contacts, with two reads and one message of writes for all of them. It repeats contacts that were changed in the
 * meantime. If nothing differs, nothing is written. Pass a few hundred contacts at a time.
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function refreshContacts(deps: ProjectionDeps, contactIds: readonly string[]): Promise<void> {
  const catalogue = await reading(() => deps.catalogue());
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const found = await reading(() => findContactsById(deps.models.contacts, [...new Set(contactIds)]));
    const contacts = found.filter(({ blankUntil }) => !blankUntil);
    const listed = contacts.flatMap(({ subscribers }) =>
      channels.flatMap((channel) => subscribers[channel] ?? []),
    );
    if (listed.length === 0) return;
    const known = await reading(() => findSubscribers(deps.models.subscribers, listed));
    if (await writeFacets(deps, contacts, known, catalogue)) return;
  }
  throw new DomainError('DATABASE_AWAY', 'Others kept changing these contacts.');
}

/** @returns false if one of the contacts was written since it was read */
async function writeFacets(
  deps: ProjectionDeps,
  contacts: readonly Contact[],
  known: ReadonlyMap<string, SubscriberHead>,
  catalogue: Catalogue,
): Promise<boolean> {
  const writes: ContactWrite[] = [];
  for (const contact of contacts) {
    const headOf = (channel: Channel) => {
      const head = known.get(contact.subscribers[channel] ?? '');
      return head?.contactId === contact._id ? head : null;
    };
    const decisions = { EMAIL: headOf('EMAIL'), SMS: headOf('SMS'), WHATSAPP: headOf('WHATSAPP') };
    if (!contact.isBeingErased && channels.some((channel) => isErased(decisions[channel]))) {
      // A person who asks to be erased keeps no record either (decision 0402).
      await removeContact(deps, contact);
      continue;
    }
    const facets = facetsOf(contact, decisions, catalogue);
    const standings = standingsOf(decisions);
    const isSame =
      hasSameFacets(facets, contact.facets) && isDeepStrictEqual(standings, contact.standings ?? {});
    if (isSame) continue;
    const fields = { facets, standings, facetSeqs: seqsOf(decisions), projection: contact.projection + 1 };
    writes.push({ before: contact, contact: fields });
  }
  if (writes.length === 0) return true;
  const { modifiedCount } = await writing(() =>
    deps.models.contacts.collection.bulkWrite(writesOfSeveral(writes), { ordered: false }),
  );
  return modifiedCount === writes.length;
}

function seqsOf(decisions: Record<Channel, SubscriberHead | null>): Record<string, number> {
  return Object.fromEntries(
    channels.flatMap((channel) => {
      const head = decisions[channel];
      return head ? [[head._id, head.seq]] : [];
    }),
  );
}

/** Whether the person was erased, and nobody has given the address anew. */
export const isErased = (head: SubscriberHead | null) =>
  head !== null && head.erasedAt !== null && head.address === null;
