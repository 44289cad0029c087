/** The API of lists: which there are, and the members of static ones. */
import type { Deps } from '../../deps.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { filterOf, findLists, getList, listAudit } from '../../domain/lists/lists.js';
import { addToList, removeFromList } from '../../domain/lists/members.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { List } from '../../models/list.js';
import type { Handler } from './operation.js';

interface MemberChange {
  emails: readonly string[];
  isRemoval: boolean;
}

/** The lists of the key's business units. */
export const showLists: Handler<unknown> = async (deps, { scope }) => {
  const lists = await findLists(deps, scope);
  return { body: { results: lists.map(listAnswer) } };
};

/** @throws DomainError `NOT_FOUND` for a list that does not exist for this key */
export const showList: Handler<{ params: { id: string } }> = async (
  deps,
  { scope },
  { params: { id: listId } },
) => {
  return { body: listAnswer(await getList(deps, { listId, scope })) };
};

export function listAnswer(list: List): object {
  const { _id: id, name, kind, unitIds: businessUnitIds, version } = list;
  return { id, name, kind, businessUnitIds, filter: kind === 'ACTIVE' ? filterOf(list) : null, version };
}

/**
 * Adds contacts to a static list, or removes them, by their e-mail addresses. Repeating it changes nothing.
 * @returns the outcome of each address, in their order. `NO_CONTACT` also for a contact outside the key's business units
 * @throws DomainError `NOT_FOUND` for an unknown list; `CONFLICT` for an active one, whose filter decides
 */
export const changeListMembers: Handler<{ params: { id: string }; body: MemberChange }> = async (
  deps,
  { scope, ref },
  { params, body: { emails, isRemoval } },
) => {
  const list = await getList(deps, { listId: params.id, scope });
  checkStatic(list);
  const change = isRemoval ? removeFromList : addToList;
  const { results, isChanged } = await forEachContact(deps, emails, (contactIds) =>
    change(deps, { list, contactIds, scope }),
  );
  if (isChanged) {
    const detail = isRemoval ? 'members removed' : 'members added';
    await recordAudit(deps, { ...listAudit(list, detail), by: ref });
  }
  return { body: { results } };
};

/** @throws DomainError `CONFLICT` */
export function checkStatic({ kind }: Pick<List, 'kind'>): void {
  if (kind !== 'STATIC')
    throw new DomainError('CONFLICT', 'This list is active: its filter decides about its members.');
}

/**
 * Acts on the contacts of some addresses.
 * @param act gives the outcome of each contact, in their order
 * @returns an outcome for each address; `NO_CONTACT` for those without a contact
 */
export async function forEachContact(
  deps: Deps,
  emails: readonly string[],
  act: (contactIds: string[]) => Promise<readonly string[]>,
): Promise<{ results: { email: string; outcome: string }[]; isChanged: boolean }> {
  const catalogue = await deps.catalogue();
  const subscriberIds = emails.map((email) => {
    const address = addressOrNull('EMAIL', email, catalogue);
    return address === null ? '' : deps.subscriberIds('EMAIL', address);
  });
  const heads = await findSubscribers(deps.models.subscribers, [...new Set(subscriberIds)].filter(Boolean));
  const contactOf = (id: string) => heads.get(id)?.contactId ?? null;
  const contactIds = [...new Set(subscriberIds.flatMap((id) => contactOf(id) ?? []))];
  const outcomes = await act(contactIds);
  const outcomeOf = new Map(contactIds.map((id, at) => [id, outcomes[at]]));
  const results = emails.map((email, at) => ({
    email,
    outcome: outcomeOf.get(contactOf(subscriberIds[at] ?? '') ?? '') ?? 'NO_CONTACT',
  }));
  return { results, isChanged: outcomes.includes('CHANGED') };
}
