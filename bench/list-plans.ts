/**
 * How lists are evaluated, in two databases of different size: the plan of a page of members, of their count, and of a batch of a job, and how many
 * documents are read for each.
 */
import type { Connection } from 'mongoose';
import { catalogueOf } from '../src/domain/consent/catalogue.js';
import { batchArguments, countCap, pageArguments, type FindArguments } from '../src/domain/contacts/query.js';
import { compileFilter } from '../src/domain/filters/compile.js';
import type { FilterList } from '../src/domain/filters/condition-kind.js';
import { allOf, type Condition, type Filter } from '../src/domain/filters/filter.js';
import { planByRules } from '../test/support/planning-rules.js';
import { contactIndexes, planOf } from './contact-plans.js';
import { types, units } from './world.js';

/** Stages from the outermost in, for a page, a count or a batch. */
interface Plans {
  byRules: string[];
  small: string[];
  large: string[];
  /** Documents that the large database says it has examined; null if it does not say. */
  examined: number | null;
  /** Documents that MongoDB examines there at most, by its rules: the limit, or all contacts of the rarest facet if it must filter them. */
  examinedByRules: number;
}

export interface ListPlanFigures {
  /**
   * True when each list has the same plan in both databases, and by MongoDB's rules an index gives its rows in their order. A batch of a job must also
   * need no filter: it reads as many contacts as it has.
   */
  isSame: boolean;
  lists: {
    list: string;
    /** No single range of an index answers its filter: pages and counts have a limited time, and jobs read the contacts of one range in batches. */
    mustScan: boolean;
    page: Plans;
    count: Plans;
    /** Of each range that a job may read. */
    batches: Plans[];
  }[];
}

const condition = (on: string, of: string, is: Condition['is'], ...values: string[]): Condition => ({
  ...{ on, of, is, values },
});
const inList = (id: string) => condition('list', '', 'IS', id);
const norwegian = condition('language', '', 'IS', 'nb');
const subscribed = condition('status', '1', 'IS', 'SUBSCRIBED');

/** Null: a static list. */
const filters: Readonly<Record<string, Filter | null>> = {
  static: null,
  'one condition': allOf([norwegian]),
  'two conditions': allOf([norwegian, subscribed]),
  'list in a list': allOf([inList('one condition')]),
  'two lists': allOf([inList('static'), inList('two conditions')]),
  'two groups': { any: [{ all: [norwegian] }, { all: [subscribed] }] },
};

export async function compareListPlans(small: Connection, large: Connection): Promise<ListPlanFigures> {
  const lists = new Map(
    Object.entries(filters).map(([id, filter]): [string, FilterList] => [
      id,
      { id, name: id, unitIds: null, filter },
    ]),
  );
  const context = { catalogue: catalogueOf(units, types, true), lists, scope: null, now: new Date() };
  const plansOf = async (find: FindArguments): Promise<Plans> => {
    const byRules = planByRules(find, contactIndexes);
    return {
      byRules,
      small: await planOf(small, find),
      large: await planOf(large, find),
      examined: await examinedBy(large, find),
      examinedByRules: byRules.includes('FILTER')
        ? await sizeOfRange(large, find)
        : (find.options.limit ?? 0),
    };
  };
  const seen: ListPlanFigures['lists'] = [];
  for (const list of lists.keys()) {
    const compiled = compileFilter(allOf([inList(list)]), context);
    if (!compiled) throw new Error('A list cannot be read.');
    const { query, mustScan } = compiled;
    const page = pageArguments({
      compiled,
      search: '',
      sort: 'name',
      direction: 'asc',
      cursor: { after: 'm' },
    });
    const batches: Plans[] = [];
    for (const range of compiled.ranges)
      batches.push(await plansOf(batchArguments(compiled, range, { after: '2026', until: null, size: 500 })));
    seen.push({
      ...{ list, mustScan, page: await plansOf(page), batches },
      count: await plansOf({ filter: query, options: { limit: countCap + 1 } }),
    });
  }
  const isSame = seen.every(
    ({ page, count, batches }) =>
      [page, count, ...batches].every(isGood) && batches.every(({ byRules }) => !byRules.includes('FILTER')),
  );
  return { isSame, lists: seen };
}

async function examinedBy(
  connection: Connection,
  { filter, options }: FindArguments,
): Promise<number | null> {
  const find = connection.collection('contacts').find(filter, { ...options, maxTimeMS: 600_000 });
  const explained: unknown = await find.explain('executionStats');
  const examined: unknown = Object(Object(explained)['executionStats'])['totalDocsExamined'];
  return typeof examined === 'number' ? examined : null;
}

/** The number of contacts that have the rarest of the facets. */
async function sizeOfRange(connection: Connection, { filter }: FindArguments): Promise<number> {
  const { facets } = filter;
  const all: unknown[] = [Object(facets)['$all'] ?? facets].flat();
  const counts = all.map((one) => connection.collection('contacts').countDocuments({ facets: one }));
  return Math.min(...(await Promise.all(counts)));
}

/** The embedded database reads the whole collection where a query has a second condition, so only MongoDB's rules tell of an index there. */
function isGood({ byRules, small, large }: Plans): boolean {
  const isByIndex = byRules.includes('IXSCAN') && !byRules.includes('SORT');
  return isByIndex && small.join() === large.join();
}
