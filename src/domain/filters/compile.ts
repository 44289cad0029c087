/** Compiles a filter to a query over `contacts`. Facets come first, since an index answers them. */
import type { Document, Filter as Query } from 'mongodb';
import type { Scope } from '../../vocabulary/scope.js';
import type { FilterContext } from './condition-kind.js';
import { facet } from './facet.js';
import type { Filter } from './filter.js';
import { type ReadCondition, type ValueTest, readFilter } from './read-condition.js';
import { startOfDay } from '../../vocabulary/time-zones.js';

export interface CompiledFilter {
  query: Query<Document>;
  /** Parts of the query that one range of an index answers: each has all matches among its contacts. A search may have none. */
  ranges: Query<Document>[];
  /** The query asks for more than one range, so the database may read many contacts that do not match. Run it in a job, or limit its time. */
  mustScan: boolean;
}

/**
 * @param options `isSearched`: another part of the query has an index, so an empty filter needs no condition
 * @returns null if a condition names something that does not exist or lies outside the scope; such a filter matches no contact
 */
export function compileFilter(
  filter: Filter,
  context: FilterContext,
  { isSearched = false }: { isSearched?: boolean } = {},
): CompiledFilter | null {
  const groups = readFilter(filter, context);
  if (!groups) return null;
  const queriesOf = (conditions: readonly ReadCondition[]) => conditions.map((one) => queryOf(one, context));
  const within = (points: readonly string[], rest: Query<Document> | null): CompiledFilter => {
    const { all, ranges } = facetsOf(points, context.scope, isSearched);
    return { query: { ...all, ...rest }, ranges, mustScan: rest !== null || ranges.length > 1 };
  };
  const [only = [], ...others] = groups;
  if (others.length > 0)
    return within([], { $or: groups.map((conditions) => ({ $and: queriesOf(conditions) })) });
  const points = only.flatMap((one) => pointOf(one) ?? []);
  const rest = only.filter((one) => pointOf(one) === null);
  return within(points, rest.length > 0 ? { $and: queriesOf(rest) } : null);
}

/** All these facets, and one of the scope's units: as one query, and each as a range of its own. */
function facetsOf(points: readonly string[], scope: Scope, isSearched: boolean) {
  const units = scope?.map(facet.unit);
  const every = [...points, ...(units?.length === 1 ? units : [])];
  const some = units && units.length !== 1 ? { $in: units } : null;
  if (every.length === 0 && !some && !isSearched) every.push(facet.all);
  const ranges = [...every, ...(some ? [some] : [])].map((facets) => ({ facets }));
  const all = ranges.length > 1 ? { facets: { $all: every, ...some } } : ranges[0];
  return { all, ranges };
}

/** The one facet that a condition requires; null if it requires several, or none. */
function pointOf(condition: ReadCondition): string | null {
  if ('groups' in condition || condition.isNegative) return null;
  const { source, test } = condition;
  const [value, ...others] = test.kind === 'ONE_OF' ? test.values : [];
  if (!('facets' in source) || value === undefined || others.length > 0) return null;
  return source.facets + value;
}

function queryOf(condition: ReadCondition, context: FilterContext): Query<Document> {
  const query =
    'groups' in condition ? membersQuery(condition.groups, context) : valueQuery(condition, context);
  return condition.isNegative ? { $nor: [query] } : query;
}

function membersQuery(groups: readonly ReadCondition[][], context: FilterContext): Query<Document> {
  if (groups.length === 0) return { _id: { $in: [] } };
  return { $or: groups.map((all) => ({ $and: all.map((one) => queryOf(one, context)) })) };
}

function valueQuery(
  { source, test }: Exclude<ReadCondition, { groups: unknown }>,
  context: FilterContext,
): Query<Document> {
  if ('facets' in source) return facetsQuery(source.facets, test);
  const asked = fieldTest(test, context);
  if ('field' in source) return { [source.field]: asked };
  // The first of the standings that the contact has.
  const before = (at: number) => source.standings.slice(0, at).map((key) => [`standings.${key}`, null]);
  const each = source.standings.map((key, at) => ({
    ...Object.fromEntries(before(at)),
    [`standings.${key}.${source.of}`]: asked,
  }));
  return { $or: each };
}

function facetsQuery(prefix: string, test: ValueTest): Query<Document> {
  switch (test.kind) {
    case 'ONE_OF':
      return { facets: { $in: test.values.map((value) => prefix + value) } };
    case 'TEXT':
      return { facets: { $regex: `^${escaped(prefix)}${test.isStart ? '' : '.*'}${escaped(test.text)}` } };
    default: {
      const { from = '', below = null } = test.kind === 'RANGE' ? test : {};
      const end = below === null ? successorOf(prefix) : prefix + below;
      return { facets: { $elemMatch: { $gte: prefix + from, $lt: end } } };
    }
  }
}

function fieldTest(test: ValueTest, { catalogue: { timeZone } }: FilterContext): Document {
  switch (test.kind) {
    case 'KNOWN':
      return { $ne: null };
    case 'ONE_OF':
      return { $in: [...test.values] };
    case 'TEXT':
      return { $regex: `${test.isStart ? '^' : ''}${escaped(test.text)}` };
    case 'RANGE':
      return {
        ...(test.from === undefined ? {} : { $gte: startOfDay(test.from, timeZone) }),
        ...(test.below === undefined ? {} : { $lt: startOfDay(test.below, timeZone) }),
      };
  }
}

/** The smallest text above all texts with this prefix, which ends in an ASCII character. */
function successorOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** A text as a pattern that matches this text and nothing else. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
