/** How lists are evaluated, in two databases of different size: the plan of a page of members, of their count, and of a batch of a job. */
import type { Connection } from 'mongoose';
import { catalogueOf } from '../src/domain/consent/catalogue.js';
import { batchArguments, pageArguments } from '../src/domain/contacts/query.js';
import { compileFilter } from '../src/domain/filters/compile.js';
import type { FilterList } from '../src/domain/filters/condition-kind.js';
import { allOf, noFilter, type Condition, type Filter } from '../src/domain/filters/filter.js';
import { planByRules } from '../test/support/planning-rules.js';
import { contactIndexes, planOf } from './contact-plans.js';
import { types, units } from './world.js';

/** Stages from the outermost in, for `page`, `count` and `batch`. */
interface Plans {
  byRules: string[];
  small: string[];
  large: string[];
}

export interface ListPlanFigures {
  /** True when each list has the same plan in both databases, and by MongoDB's rules an index gives its rows in their order. */
  isSame: boolean;
  lists: {
    list: string;
    /** No index answers its filter: pages and counts have a limited time, and jobs read all contacts in batches. */
    mustScan: boolean;
    page: Plans;
    count: Plans;
    batch: Plans;
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
  const all = compileFilter(noFilter, context);
  const plansOf = async (find: Parameters<typeof planOf>[1]): Promise<Plans> => ({
    byRules: planByRules(find, contactIndexes),
    small: await planOf(small, find),
    large: await planOf(large, find),
  });
  const seen: ListPlanFigures['lists'] = [];
  for (const list of lists.keys()) {
    const compiled = compileFilter(allOf([inList(list)]), context);
    if (!compiled || !all) throw new Error('A list cannot be read.');
    const { query, mustScan } = compiled;
    const page = pageArguments({
      compiled,
      search: '',
      sort: 'name',
      direction: 'asc',
      cursor: { after: 'm' },
    });
    const asked = mustScan ? all : compiled;
    const batch = batchArguments(asked, { after: 'm', until: null, size: 500, isWhole: mustScan });
    seen.push({
      ...{ list, mustScan, page: await plansOf(page), batch: await plansOf(batch) },
      count: await plansOf({ filter: query, options: {} }),
    });
  }
  return { isSame: seen.every(({ page, count, batch }) => [page, count, batch].every(isGood)), lists: seen };
}

/** The embedded database reads the whole collection where a query has a second condition, so only MongoDB's rules tell of an index there. */
function isGood({ byRules, small, large }: Plans): boolean {
  const isByIndex = byRules.includes('IXSCAN') && !byRules.includes('SORT');
  return isByIndex && small.join() === large.join();
}
