/** Members of static lists. A contact keeps the ids of its lists, and a facet for each, so that the index and filters find members by one range. */
import { changeContacts, findContactsById, type Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { List } from '../../models/list.js';
import type { RowRefusal } from '../../vocabulary/refusal-codes.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { reading, writing } from '../consent/durability.js';
import { facet } from '../filters/facet.js';

/** Most static lists that one contact is on. */
export const mostListsOfContact = 200;

export interface MemberDeps {
  models: Pick<Models, 'contacts'>;
  clock: () => Date;
}

export interface MemberChange {
  list: Pick<List, '_id'> & { unitIds: Scope };
  /** A few hundred at a time. */
  contactIds: readonly string[];
  /** The business units of the acting user or workflow. */
  scope: Scope;
  /** Called before the write. It throws if the write would come too late. */
  beforeWrite?: () => void;
  /** The workflow that acts (`workflow:<id>`), for the change feed. */
  by?: string;
}

export type MemberOutcome = 'CHANGED' | 'NO_CHANGE' | RowRefusal;

/**
 * Adds contacts to a static list. Repeating it changes nothing.
 * @returns the outcome of each contact, in their order. `OTHER_UNIT`: the list is limited to business units, and the contact belongs to none of them
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function addToList(deps: MemberDeps, change: MemberChange): Promise<MemberOutcome[]> {
  const { _id: id, unitIds } = change.list;
  return changeMembers(
    deps,
    change,
    ({ listIds = [], unitIds: own }) => {
      if (listIds.includes(id)) return 'NO_CHANGE';
      if (!isAnyInScope(unitIds, own)) return 'OTHER_UNIT';
      return listIds.length >= mostListsOfContact ? 'TOO_MANY_LISTS' : 'CHANGED';
    },
    {
      where: { listIds: { $ne: id } },
      set: {
        listIds: { $concatArrays: [{ $ifNull: ['$listIds', []] }, [id]] },
        facets: { $concatArrays: ['$facets', [facet.list(id)]] },
      },
      event: { addedTo: id },
    },
  );
}

/** Removes contacts from a static list, in the same way. */
export async function removeFromList(deps: MemberDeps, change: MemberChange): Promise<MemberOutcome[]> {
  const { _id: id } = change.list;
  const without = (field: string, one: string) => ({
    $filter: { input: field, as: 'one', cond: { $ne: ['$$one', one] } },
  });
  return changeMembers(deps, change, ({ listIds = [] }) => (listIds.includes(id) ? 'CHANGED' : 'NO_CHANGE'), {
    where: { listIds: id },
    set: { listIds: without('$listIds', id), facets: without('$facets', facet.list(id)) },
    event: { removedFrom: id },
  });
}

async function changeMembers(
  { models: { contacts }, clock }: MemberDeps,
  { contactIds, scope, beforeWrite, by }: MemberChange,
  outcomeOf: (contact: Contact) => MemberOutcome,
  change: Parameters<typeof changeContacts>[2],
): Promise<MemberOutcome[]> {
  const found = await reading(() => findContactsById(contacts, contactIds));
  const byId = new Map(found.map((contact) => [contact._id, contact]));
  const outcomes = contactIds.map((id) => {
    const contact = byId.get(id);
    const isThere = contact && !contact.blankUntil && isAnyInScope(scope, contact.unitIds);
    return isThere ? outcomeOf(contact) : 'NO_CONTACT';
  });
  const changed = contactIds.filter((_, at) => outcomes[at] === 'CHANGED');
  beforeWrite?.();
  const event = { ...change.event, ...(by === undefined ? {} : { by }) };
  await writing(() => changeContacts(contacts, changed, { ...change, event }, clock()));
  return outcomes;
}
