/** Members of a list as each part of the product finds them. */
import { expect } from 'vitest';
import {
  countContacts,
  filterContext,
  findContacts,
  streamContactIds,
} from '../../src/domain/contacts/find.js';
import { predicateOf } from '../../src/domain/filters/predicate.js';
import { membersOf } from '../../src/domain/lists/lists.js';
import type { Contact } from '../../src/models/contact.js';
import type { List } from '../../src/models/list.js';
import type { Scope } from '../../src/vocabulary/scope.js';
import type { BulkRoom } from './bulk-room.js';
import { viewOf } from './contact-room.js';

/** The room is asked for at each call, since it is opened later. */
export function membersIn(room: () => Pick<BulkRoom, 'jobs' | 'models'>) {
  /** What the index, the count and bulk work say, which must be the same. */
  const membersBy = async (list: Pick<List, '_id'>, scope: Scope = null): Promise<string[]> => {
    const filter = membersOf(list._id);
    const page = await findContacts(room().jobs, viewOf({ filter, scope }));
    const selection = { kind: 'FILTER' as const, filter, search: '' };
    const streamed: string[] = [];
    for await (const { ids } of streamContactIds(room().jobs, { scope, selection })) streamed.push(...ids);
    const { count } = await countContacts(room().jobs, { filter, scope, search: '' });
    const shown = page.contacts.map(({ _id }) => _id).sort();
    expect(streamed.sort()).toEqual(shown);
    expect(count).toBe(shown.length);
    return shown;
  };

  const membersByPredicate = async (list: Pick<List, '_id'>): Promise<string[]> => {
    const meets = predicateOf(membersOf(list._id), await filterContext(room().jobs, null));
    const all = await room().models.contacts.find({}).lean<Contact[]>();
    return all
      .filter(({ isDeleted, blankUntil }) => !isDeleted && !blankUntil)
      .filter(meets)
      .map(({ _id }) => _id)
      .sort();
  };

  return { membersBy, membersByPredicate };
}
