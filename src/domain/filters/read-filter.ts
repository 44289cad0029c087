/** Reads every condition of a filter against the registry. */
import type { FilterContext } from './condition-kind.js';
import { conditionsOf, type Filter } from './filter.js';
import { readCondition, type ReadCondition } from './read-condition.js';

/**
 * @returns the groups; null if a condition names something that does not exist or lies outside the scope. Such a filter matches no contact: without
 *   the condition it would match more.
 */
export function readFilter(filter: Filter, context: FilterContext): ReadCondition[][] | null {
  const groups: ReadCondition[][] = filter.any.map(() => []);
  for (const { condition, group } of conditionsOf(filter)) {
    const read = readCondition(condition, context);
    if (!read) return null;
    groups[group]?.push(read);
  }
  return groups;
}
