/** Updates contacts' facets. Writers do so themselves at once; this follower repeats it for a writer that was killed. */
import { refreshContacts } from '../../domain/contacts/project.js';
import type { Change } from '../../models/change.js';
import { findBehind } from '../../models/contact.js';
import type { FeedDeps, Follower } from '../contract.js';

export const facetsFollower: Follower = {
  name: 'facets',
  async follow(deps, entries) {
    const behind = await contactsBehind(deps, entries);
    if (behind.length > 0) await refreshContacts(deps, behind);
  },
};

/** The contacts of these entries whose facets may not include them yet. */
export async function contactsBehind(
  deps: Pick<FeedDeps, 'models'>,
  entries: readonly Change[],
): Promise<string[]> {
  const changed = new Set<string>();
  const seqsOf = new Map<string, Map<string, number>>();
  for (const entry of entries) {
    if (!entry.contactId || entry.kind === 'REASON') continue;
    if (entry.kind === 'CONTACT') changed.add(entry.contactId);
    else {
      const seqs = seqsOf.get(entry.contactId) ?? new Map<string, number>();
      seqsOf.set(entry.contactId, seqs.set(entry.subscriberId, entry.event.seq));
    }
  }
  const behind = seqsOf.size > 0 ? await findBehind(deps.models.contacts, seqsOf) : [];
  return [...new Set([...changed, ...behind])];
}
