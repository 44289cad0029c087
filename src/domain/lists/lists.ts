/** Lists: finding, making, changing and deleting them. Outside the scope of a user no list exists. */
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import { withLease } from '../../models/lease.js';
import type { List, ListKind } from '../../models/list.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { filterContext } from '../contacts/find.js';
import type { FilterContext, FilterList } from '../filters/condition-kind.js';
import { isListWithin } from '../filters/conditions/list.js';
import { allOf, noFilter, type Filter } from '../filters/filter.js';
import { readFilter } from '../filters/read-condition.js';
import { filterListOf, mostLists } from '../filters/stored-lists.js';
import { findListUses, listsNamedIn, type ListUse } from './uses.js';
import { newId } from '../../new-id.js';

export interface ListDeps {
  models: Pick<Models, 'lists' | 'savedViews' | 'jobs' | 'workflows' | 'workflowVersions' | 'enrolments'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** What a form says of a list. The filter is that of an active list. */
export interface ListFields {
  name: string;
  unitIds: Scope;
  filter: Filter;
}

export interface ListFault {
  field: keyof ListFields;
  message: string;
}

/** The filter of the index that finds the members of a list. */
export function membersOf(listId: string): Filter {
  return allOf([{ on: 'list', of: '', is: 'IS', values: [listId] }]);
}

/** All lists within the scope, by name. */
export async function findLists({ models }: Pick<ListDeps, 'models'>, scope: Scope): Promise<List[]> {
  const all = await reading(() => models.lists.find().limit(mostLists).lean<List[]>());
  return all
    .filter((list) => isListWithin(list, scope))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** @throws DomainError `NOT_FOUND` if there is none within the scope */
export async function getList(
  { models }: { models: Pick<Models, 'lists'> },
  { listId, scope }: { listId: string; scope: Scope },
): Promise<List> {
  const list = await reading(() => models.lists.findById(listId).lean<List>());
  if (!list || !isListWithin(list, scope)) throw new DomainError('NOT_FOUND', 'This list does not exist.');
  return list;
}

/** The filter of an active list; of a static one, the empty filter. */
export function filterOf(list: List): Filter {
  return filterListOf(list).filter ?? noFilter;
}

/** What the audit log keeps of an act on a list; with its business unit, if it is limited to one. */
export function listAudit({ _id, unitIds }: Pick<List, '_id' | 'unitIds'>, detail: string) {
  const [only, ...others] = unitIds ?? [];
  const unit = only !== undefined && others.length === 0 ? { unitId: only } : {};
  return { kind: 'LIST_CHANGED' as const, about: `list:${_id}`, detail, ...unit };
}

/** Makes a list. Without a filter, an active list has no members. Repeating it with the same `id` makes no second one. */
export async function createList(
  deps: ListDeps,
  wanted: Pick<ListFields, 'name' | 'unitIds'> & {
    kind: ListKind;
    by: string;
    scope: Scope;
    filter?: Filter | undefined;
    /** Absent: random. */
    id?: string;
  },
): Promise<{ list: List } | { faults: ListFault[] }> {
  const now = deps.clock();
  const list: List = {
    _id: wanted.id ?? newId(),
    ...{ name: oneLine(wanted.name), kind: wanted.kind },
    ...{ filter: wanted.kind === 'ACTIVE' ? (wanted.filter ?? noFilter) : null },
    ...{ unitIds: wanted.unitIds && [...wanted.unitIds], createdBy: wanted.by },
    ...{ createdAt: now, updatedAt: now, version: 1 },
  };
  return alone(deps, async () => {
    const faults = await faultsOf(deps, list, wanted.scope);
    if (faults.length > 0) return { faults };
    const which = { _id: list._id as never };
    await writing(() =>
      deps.models.lists.collection.updateOne(which, { $setOnInsert: list }, { upsert: true }),
    );
    return { list };
  });
}

/** Changes fields of a list. `STALE`: somebody else changed it since that version. */
export async function changeList(
  deps: ListDeps,
  before: List,
  fields: Partial<ListFields>,
  scope: Scope,
): Promise<'SAVED' | 'STALE' | { faults: ListFault[] }> {
  const { name = before.name, unitIds = before.unitIds, filter = before.filter } = fields;
  const changed = { name: oneLine(name), unitIds: unitIds && [...unitIds], filter };
  return alone(deps, async () => {
    const after = { ...before, ...changed };
    const faults = [
      ...(await faultsOf(deps, after, scope)),
      ...(await faultsOfUnits(deps, { before, after }, scope)),
    ];
    if (faults.length > 0) return { faults };
    const $set = { ...changed, updatedAt: deps.clock(), version: before.version + 1 };
    const { version } = before;
    const done = await writing(() =>
      deps.models.lists.collection.updateOne({ _id: before._id as never, version }, { $set }),
    );
    return done.matchedCount === 1 ? 'SAVED' : 'STALE';
  });
}

/**
 * Deletes a list that nothing uses. Members of a static list keep its mark until a job has removed it.
 * @returns what uses it; none: it was deleted
 */
export async function deleteList(deps: ListDeps, { _id }: Pick<List, '_id'>): Promise<ListUse[]> {
  return alone(deps, async () => {
    const uses = (await findListUses(deps)).filter(({ listIds }) => listIds.includes(_id));
    if (uses.length === 0) await writing(() => deps.models.lists.deleteOne({ _id }));
    return uses;
  });
}

/** Does some work during which no list is made, changed or deleted. */
export function withListsUnchanged<T>({ models }: { models: Models }, work: () => Promise<T>): Promise<T> {
  return alone({ models }, work);
}

/** One change of lists at a time, so that two of them never make a circle together. */
function alone<T>({ models }: { models: Pick<Models, 'lists'> }, work: () => Promise<T>): Promise<T> {
  return withLease(models.lists.db, { name: 'lists', seconds: 10, patienceSeconds: 5 }, work);
}

const longestName = 100;

async function faultsOf(deps: ListDeps, list: List, scope: Scope): Promise<ListFault[]> {
  const context = await filterContext(deps, scope);
  const others = [...context.lists.values()].filter(({ id }) => id !== list._id);
  const faults: ListFault[] = [];
  const fault = (field: ListFault['field'], message: string) => void faults.push({ field, message });
  if (list.name === '') fault('name', 'Enter a name for the list.');
  if (list.name.length > longestName) fault('name', `A name has at most ${longestName} characters.`);
  // Names of lists that this user does not see are no fault.
  const isTaken = others.some(
    (one) => isListWithin(one, scope) && one.name.toLowerCase() === list.name.toLowerCase(),
  );
  if (isTaken) fault('name', `There is a list “${list.name}” already.`);
  if (others.length >= mostLists)
    fault('name', `There are ${mostLists} lists already. Delete one that is not needed.`);
  if (list.unitIds?.length === 0 || !isListWithin(list, scope))
    fault('unitIds', 'Choose at least one of your business units.');
  const read = filterListOf(list);
  const after: FilterContext = { ...context, lists: new Map(context.lists).set(list._id, read) };
  const circle = read.filter && leadingBack(read.filter, list._id, after);
  if (circle)
    fault(
      'filter',
      `The list “${circle.name}” uses this list, so this list cannot use it: they would form a circle.`,
    );
  else if (read.filter && !isReadable(read, after))
    fault(
      'filter',
      list.unitIds
        ? 'The filter names something that does not exist, or that other business units than those of this list have.'
        : 'The filter names something that does not exist, or it is too large.',
    );
  else {
    const broken = others.find((one) => isReadable(one, context) && !isReadable(one, after));
    if (broken) {
      const name = isListWithin(broken, scope) ? `The list “${broken.name}”` : 'Another list';
      fault(
        list.unitIds ? 'unitIds' : 'filter',
        `${name} uses this list. With this change, it could not be read any more.`,
      );
    }
  }
  return faults;
}

/** A workflow reads only lists within its units: without one of them, it would no longer leave out its members. */
async function faultsOfUnits(
  deps: ListDeps,
  { before, after }: Record<'before' | 'after', Pick<List, '_id' | 'unitIds'>>,
  scope: Scope,
): Promise<ListFault[]> {
  const uses = await findListUses(deps);
  const user = uses.find(
    ({ listIds, unitIds }) =>
      unitIds !== undefined &&
      listIds.includes(before._id) &&
      isListWithin(before, unitIds) &&
      !isListWithin(after, unitIds),
  );
  if (!user) return [];
  const name = isWithin(user.unitIds ?? null, scope) ? `The workflow “${user.name}”` : 'A workflow';
  const message = `${name} uses this list. With this change, it could not read the list any more.`;
  return [{ field: 'unitIds', message }];
}

/** A list may name only what everybody who sees it may know: things of its own business units. */
function isReadable({ filter, unitIds }: FilterList, context: FilterContext): boolean {
  return filter === null || readFilter(filter, { ...context, scope: unitIds }) !== null;
}

/** The list among those that a filter names from which a way leads back. */
function leadingBack(filter: Filter, to: string, { lists }: FilterContext): FilterList | null {
  const seen = new Set<string>();
  const leads = (id: string): boolean => {
    if (id === to) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return listsNamedIn(lists.get(id)?.filter).some(leads);
  };
  const found = listsNamedIn(filter).find(leads);
  return (found !== undefined && lists.get(found)) || null;
}
