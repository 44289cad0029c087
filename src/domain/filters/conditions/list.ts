/** The condition on membership of lists, static and active. */
import { isWithin, type Scope } from '../../../vocabulary/scope.js';
import { aboutContact, type FilterContext, type FilterList } from '../condition-kind.js';

/** True if the scope reaches every business unit of the list. Otherwise the list does not exist for it. */
export function isListWithin({ unitIds }: Pick<FilterList, 'unitIds'>, scope: Scope): boolean {
  return isWithin(unitIds, scope);
}

/** The list with this id; undefined for one outside the scope. */
export function listWithin(
  id: string,
  { lists, scope }: Pick<FilterContext, 'lists' | 'scope'>,
): FilterList | undefined {
  const list = lists.get(id);
  return list && isListWithin(list, scope) ? list : undefined;
}

/** The lists within the scope, by name. */
export function listsWithin({ lists, scope }: Pick<FilterContext, 'lists' | 'scope'>): FilterList[] {
  return [...lists.values()]
    .filter((list) => isListWithin(list, scope))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

export const listMembership = aboutContact('list', (context) => ({
  label: 'List membership',
  kind: 'CHOICE',
  isOptional: false,
  source: 'LISTS',
  options: listsWithin(context).map(({ id, name }) => ({ value: id, label: name })),
}));
