/**
 * MongoDB's rules for one index under an equality, a range and a sort, for servers that stand in for it and always sort. An index gives the order
 * when every field before the sorted ones has a single value, and the sorted fields follow in the index's order or its reverse ("Use Indexes to
 * Sort Query Results", "The ESR Rule"). An array field may be fixed, but not sorted by.
 */
import type { FindArguments } from '../../src/domain/contacts/query.js';

export interface PlannedIndex {
  /** Field and direction, in order. */
  keys: readonly (readonly [string, 1 | -1])[];
}

/** The best that one index can do, as the stages of a plan, from the outermost in. */
export function planByRules({ filter, options }: FindArguments, indexes: readonly PlannedIndex[]): string[] {
  const sort = Object.entries(options.sort ?? {}).map(([field, way]) => [field, Number(way)] as const);
  const plans = indexes.flatMap((index) => {
    const bounds = boundsOf(filter[index.keys[0]?.[0] ?? '']);
    if (bounds === 'NONE') return [];
    const used = usedFields(filter, index);
    const residual = Object.keys(filter).some((field) => !used.includes(field));
    const order = orderOf(filter, index, sort);
    return [
      {
        stages: [...order, ...(residual ? ['FILTER'] : []), 'FETCH', 'IXSCAN'],
        cost: order.length + Number(residual),
      },
    ];
  });
  plans.sort((a, b) => a.cost - b.cost);
  return plans[0]?.stages ?? [...(sort.length > 0 ? ['SORT'] : []), 'COLLSCAN'];
}

function orderOf(
  filter: FindArguments['filter'],
  { keys }: PlannedIndex,
  sort: readonly (readonly [string, number])[],
): string[] {
  if (sort.length === 0) return [];
  let isMerged = false;
  let at = 0;
  while (at < keys.length && keys[at]?.[0] !== sort[0]?.[0]) {
    const bounds = boundsOf(filter[keys[at]?.[0] ?? '']);
    if (bounds === 'NONE' || bounds === 'RANGE') return ['SORT'];
    isMerged ||= bounds === 'POINTS';
    at += 1;
  }
  const way = (keys[at]?.[1] ?? 1) * (sort[0]?.[1] ?? 1);
  const isInOrder = sort.every(([field, direction], step) => {
    const key = keys[at + step];
    return key?.[0] === field && key[1] * direction === way;
  });
  if (!isInOrder) return ['SORT'];
  return isMerged ? ['SORT_MERGE'] : [];
}

/** Fields of the filter fully covered by the index's bounds: a prefix, and none after a range. */
function usedFields(filter: FindArguments['filter'], { keys }: PlannedIndex): string[] {
  const used: string[] = [];
  for (const [field] of keys) {
    const bounds = boundsOf(filter[field]);
    if (bounds === 'NONE' || bounds === 'PART') break;
    used.push(field);
    if (bounds === 'RANGE') break;
  }
  return used;
}

/** `PART`: the index covers one of several equalities, and the others are checked in the documents. */
function boundsOf(condition: unknown): 'NONE' | 'POINT' | 'POINTS' | 'RANGE' | 'PART' {
  if (condition === undefined) return 'NONE';
  if (typeof condition !== 'object' || condition === null) return 'POINT';
  const operators = Object.keys(condition);
  if (operators.includes('$all')) return 'PART';
  if (operators.includes('$in')) return 'POINTS';
  return 'RANGE';
}

/** The stages of a plan, from the outermost in. */
export function stagesOf(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const stage: unknown = Object(plan)['stage'];
  const inner: unknown[] = [Object(plan)['inputStage'], ...[Object(plan)['inputStages'] ?? []].flat()];
  return [...(typeof stage === 'string' ? [stage] : []), ...inner.flatMap(stagesOf)];
}
