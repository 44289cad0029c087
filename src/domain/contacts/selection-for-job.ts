/** The selection as a job stores it, without names and addresses. */
import type { Scope } from '../../vocabulary/scope.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { conditionsOf, type Filter } from '../filters/filter.js';
import { comparedBy } from '../filters/read-condition.js';
import { filterContext, findIds, type FindDeps } from './find.js';
import type { Selection } from './selection.js';

/** Maximum number of contacts that a job names one by one; a search can find as many. */
export const mostNamed = 5000;

/**
 * A search, and a condition on a name or an address, may contain an address, which a job never stores. So the job stores the ids of the found
 * contacts.
 * @returns null if there are more than `mostNamed`
 */
export async function selectionForJob(
  deps: FindDeps,
  scope: Scope,
  selection: Selection,
): Promise<Selection | null> {
  if (selection.kind === 'IDS') return selection;
  const { filter, search } = selection;
  if (!search && !isPersonal(filter, await filterContext(deps, scope))) return selection;
  const ids = await findIds(deps, { filter, search, scope }, mostNamed + 1);
  return ids.length > mostNamed ? null : { kind: 'IDS', ids };
}

function isPersonal(filter: Filter, context: FilterContext): boolean {
  return conditionsOf(filter).some(({ condition }) => comparedBy(condition, context)?.isPersonal);
}
