/** Updates contacts' facets. Writers do so themselves at once; this follower repeats it for a writer that was killed. */
import { refreshContacts } from '../../domain/contacts/project.js';
import { findBehind } from '../../models/contact.js';
import type { Follower } from '../contract.js';

export const facetsFollower: Follower = {
  name: 'facets',
  async follow(deps, entries) {
    const changed = new Set<string>();
    const seqsOf = new Map<string, Map<string, number>>();
    for (const entry of entries) {
      if (!entry.contactId) continue;
      if (entry.kind === 'CONTACT') changed.add(entry.contactId);
      else {
        const seqs = seqsOf.get(entry.contactId) ?? new Map<string, number>();
        seqsOf.set(entry.contactId, seqs.set(entry.subscriberId, entry.event.seq));
      }
    }
    const behind = seqsOf.size > 0 ? await findBehind(deps.models.contacts, seqsOf) : [];
    const contactIds = [...new Set([...changed, ...behind])];
    if (contactIds.length > 0) await refreshContacts(deps, contactIds);
  },
};
