/** Brings contacts' facets up to what was written: the writer does so itself at once, and this makes up for one that was killed. */
import { refreshContacts } from '../../domain/contacts/project.js';
import type { Follower } from '../contract.js';

export const facetsFollower: Follower = {
  name: 'facets',
  async follow(deps, entries) {
    const contactIds = new Set(entries.flatMap(({ contactId }) => contactId ?? []));
    if (contactIds.size > 0) await refreshContacts(deps, [...contactIds]);
  },
};
