/** The lists as conditions read them, from the database at each use: members of an active list follow its filter at every moment. */
import type { List } from '../../models/list.js';
import type { Models } from '../../models/index.js';
import { filterSchema, noFilter } from './filter.js';
import type { FilterList } from './condition-kind.js';

/** Most lists of an account, so that reading them all stays cheap. */
export const mostLists = 500;

/** @returns every list, by id. An active list whose filter cannot be read has no members. */
export async function readFilterLists({ lists }: Pick<Models, 'lists'>): Promise<Map<string, FilterList>> {
  const found = await lists
    .find({}, { name: 1, kind: 1, filter: 1, unitIds: 1 })
    .limit(mostLists)
    .lean<Pick<List, '_id' | 'name' | 'kind' | 'filter' | 'unitIds'>[]>();
  return new Map(found.map((list) => [list._id, filterListOf(list)]));
}

export function filterListOf(list: Pick<List, '_id' | 'name' | 'kind' | 'filter' | 'unitIds'>): FilterList {
  const { _id: id, name, kind, unitIds } = list;
  const filter = kind === 'ACTIVE' ? (filterSchema.safeParse(list.filter).data ?? noFilter) : null;
  return { id, name, unitIds, filter };
}
