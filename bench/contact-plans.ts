/** The plan of every sort and every single filter that the index offers, on any page, in two databases of different size. */
import type { Connection } from 'mongoose';
import { createConnection } from 'mongoose';
import { catalogueOf } from '../src/domain/consent/catalogue.js';
import { findOfferedProperties } from '../src/domain/contacts/properties.js';
import { pageArguments } from '../src/domain/contacts/query.js';
import type { FindArguments } from '../src/domain/contacts/query.js';
import { contactSorts } from '../src/domain/contacts/selection.js';
import type { Cursor } from '../src/domain/contacts/selection.js';
import { compileFilter } from '../src/domain/filters/compile.js';
import { allOf } from '../src/domain/filters/filter.js';
import { createModels } from '../src/models/index.js';
import { conditionsOn, everySubject, isPoint } from '../test/support/every-condition.js';
import { planByRules } from '../test/support/planning-rules.js';
import type { PlannedIndex } from '../test/support/planning-rules.js';
import { types, units } from './world.js';

export interface FilterPlan {
  /** The condition; null without a filter. */
  filter: string | null;
  /** Stages by MongoDB's rules, from the outermost in: the worst of all sorts, directions and pages. */
  byRules: string[];
  /** The plans of the two databases, in the same form. */
  small: string[];
  large: string[];
}

export interface PlanFigures {
  /** True when each filter has the same plan in both, an index gives the rows of each, and by the rules nothing is sorted. */
  isSame: boolean;
  questions: number;
  filters: FilterPlan[];
}

const cursors: readonly (Cursor | null)[] = [null, { after: 'm' }, { before: 'm' }];

export const contactIndexes: PlannedIndex[] = createModels(createConnection())
  .contacts.schema.indexes()
  .map(([keys]) => ({
    keys: Object.entries(keys).map(([field, way]) => [field, way === -1 ? -1 : 1] as const),
  }));

export async function comparePlans(small: Connection, large: Connection): Promise<PlanFigures> {
  const catalogue = catalogueOf(units, types, true);
  const models = createModels(large);
  const properties = await findOfferedProperties({ models, catalogue: async () => catalogue }, null);
  const context = { catalogue, lists: new Map(), scope: null, now: new Date() };
  const names = properties.map(({ name }) => name);
  const conditions = everySubject(context, names).flatMap((subject) =>
    conditionsOn(subject).filter((condition) => isPoint(condition, subject.compared)),
  );
  const filters: FilterPlan[] = [];
  let questions = 0;
  for (const condition of [null, ...conditions]) {
    const compiled = compileFilter(allOf(condition ? [condition] : []), context);
    if (!compiled) throw new Error('A condition that the editor offers cannot be compiled.');
    const seen = { byRules: [] as string[][], small: [] as string[][], large: [] as string[][] };
    for (const sort of contactSorts)
      for (const direction of ['asc', 'desc'] as const)
        for (const cursor of cursors) {
          const find = pageArguments({ compiled, search: '', sort, direction, cursor });
          seen.byRules.push(planByRules(find, contactIndexes));
          seen.small.push(await planOf(small, find));
          seen.large.push(await planOf(large, find));
          questions += 1;
        }
    filters.push({
      filter: condition && `${condition.on} ${condition.of} ${condition.is} ${condition.values.join()}`,
      byRules: worst(seen.byRules),
      small: worst(seen.small),
      large: worst(seen.large),
    });
  }
  return { isSame: filters.every(isGood), questions, filters };
}

function isGood({ byRules, small, large }: FilterPlan): boolean {
  return (
    byRules.join() === 'FETCH,IXSCAN' &&
    small.join() === large.join() &&
    large.includes('IXSCAN') &&
    !large.includes('COLLSCAN')
  );
}

/** The longest plan; one that scans the collection before all others. */
function worst(plans: string[][]): string[] {
  const weight = (plan: string[]) => plan.length + (plan.includes('COLLSCAN') ? 100 : 0);
  return [...plans].sort((a, b) => weight(b) - weight(a))[0] ?? [];
}

/** The plan of a question as the database explains it. */
export async function planOf(connection: Connection, { filter, options }: FindArguments): Promise<string[]> {
  const explained: unknown = await connection
    .collection('contacts')
    .find(filter, options)
    .explain('queryPlanner');
  return stagesOf(Object(Object(explained)['queryPlanner'])['winningPlan']);
}

/** Stages from the outermost in. A stage that only removes fields is not counted. */
function stagesOf(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const stage: unknown = Object(plan)['stage'];
  const inner: unknown[] = [Object(plan)['inputStage'], ...[Object(plan)['inputStages'] ?? []].flat()];
  const own = typeof stage === 'string' && !/^(PROJECTION|LIMIT)/.test(stage) ? [stage] : [];
  return [...own, ...inner.flatMap(stagesOf)];
}
