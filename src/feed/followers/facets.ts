/** Updates contacts' facets. Writers do so themselves at once; this follower repeats it for a writer that was killed. */
import { refreshContacts } from '../../domain/contacts/project.js';
import type { Follower } from '../contract.js';

export const facetsFollower: Follower = {
  name: 'facets',
  async follow(deps, entries) {
    const contactIds = new Set(entries.flatMap(({ contactId }) => contactId ?? []));
    if (contactIds.size > 0) await refreshContacts(deps, [...contactIds]);
  },
};
