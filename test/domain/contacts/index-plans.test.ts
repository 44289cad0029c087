/** Every filter with every sort of the index, on any page, scans one range of one index without a sort, by MongoDB's plans. */
import { createConnection } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { batchArguments, pageArguments, searchArguments } from '../../../src/domain/contacts/query.js';
import type { FindArguments } from '../../../src/domain/contacts/query.js';
import { contactSorts } from '../../../src/domain/contacts/selection.js';
import type { Cursor, Direction } from '../../../src/domain/contacts/selection.js';
import { compileFilter } from '../../../src/domain/filters/compile.js';
import type { CompiledFilter } from '../../../src/domain/filters/compile.js';
import type { FilterContext, FilterList } from '../../../src/domain/filters/condition-kind.js';
import { allOf } from '../../../src/domain/filters/filter.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import { createModels } from '../../../src/models/index.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { openContactRoom, viewOf } from '../../support/contact-room.js';
import { conditionsOn, everySubject, isPoint } from '../../support/every-condition.js';
import { planByRules, stagesOf } from '../../support/planning-rules.js';
import type { PlannedIndex } from '../../support/planning-rules.js';

const directions: Direction[] = ['asc', 'desc'];
const room = await openContactRoom();
await room.contact({ email: 'one@example.com', properties: { City: 'Oslo' } });

async function planOf({ filter, options }: FindArguments): Promise<string[]> {
  const explained: unknown = await room.models.contacts.collection
    .find(filter, options)
    .explain('queryPlanner');
  return stagesOf(Object(Object(explained)['queryPlanner'])['winningPlan']);
}

const indexes: PlannedIndex[] = createModels(createConnection())
  .contacts.schema.indexes()
  .map(([keys]) => ({
    keys: Object.entries(keys).map(([field, way]) => [field, way === -1 ? -1 : 1] as const),
  }));

const hasEmail: Condition = { on: 'has-address', of: '', is: 'IS', values: ['EMAIL'] };

async function contextFor(scope: Scope = null): Promise<FilterContext> {
  return { catalogue: await room.contacts.catalogue(), lists: new Map(), scope, now: new Date() };
}

function compiled(conditions: Condition[], context: FilterContext, isSearched = false): CompiledFilter {
  const one = compileFilter(allOf(conditions), context, { isSearched });
  if (!one) throw new Error(`not compiled: ${JSON.stringify(conditions)}`);
  return one;
}

/** The plan of a batch of each range that a job may read. */
function batchPlans(filter: CompiledFilter): string[][] {
  return filter.ranges.map((range) =>
    planByRules(batchArguments(filter, range, { after: '2026', until: null, size: 500 }), indexes),
  );
}

describe('every filter condition with every sort', () => {
  const cursors: (Cursor | null)[] = [null, { after: 'm' }, { before: 'm' }];

  it('scans one index without sorting where it asks for one value, on any page', async () => {
    // Some stand-ins for MongoDB always sort, even where an index has the order. Then only MongoDB's rules can tell.
    const mayAvoidSorting = !(await planOf({ filter: {}, options: { sort: { _id: 1 } } })).includes('SORT');
    const context = await contextFor();
    const conditions = everySubject(context, ['City']).flatMap((subject) =>
      conditionsOn(subject).filter((one) => isPoint(one, subject.compared)),
    );
    expect(conditions.length).toBeGreaterThan(80);
    for (const one of [null, ...conditions])
      for (const sort of contactSorts)
        for (const direction of directions)
          for (const cursor of cursors) {
            const filter = compiled(one ? [one] : [], context);
            const find = pageArguments({ ...viewOf({ sort, direction, cursor }), compiled: filter });
            const what = `${JSON.stringify(one)} ${sort} ${direction}`;
            expect(filter.mustScan, what).toBe(false);
            expect(planByRules(find, indexes), what).toEqual(['FETCH', 'IXSCAN']);
            const plan = await planOf(find);
            expect(plan, what).toContain('IXSCAN');
            expect(plan).not.toContain('COLLSCAN');
            if (mayAvoidSorting) expect(plan, what).not.toContain('SORT');
          }
  }, 120_000);

  it('scans one index for a static list, and for an active list of one group, at any depth', async () => {
    const filter = allOf([hasEmail, { on: 'name', of: '', is: 'IS_KNOWN', values: [] }]);
    const on = (...values: string[]): Condition => ({ on: 'list', of: '', is: 'IS', values });
    const list = (id: string, of: FilterList['filter']) => ({ id, name: id, unitIds: null, filter: of });
    const lists = new Map(
      [
        ...[list('static', null), list('active', filter), list('nested', allOf([on('active')]))],
        list('groups', { any: [...filter.any, ...filter.any] }),
      ].map((one) => [one.id, one]),
    );
    const context = { ...(await contextFor()), lists };
    for (const [id, stages] of [
      ['static', ['FETCH', 'IXSCAN']],
      ['active', ['FILTER', 'FETCH', 'IXSCAN']],
      ['nested', ['FILTER', 'FETCH', 'IXSCAN']],
    ] as const) {
      const one = compiled([on(id)], context);
      expect(one.mustScan, id).toBe(id !== 'static');
      const find = pageArguments({ ...viewOf({ cursor: { after: 'm' } }), compiled: one });
      expect(planByRules(find, indexes), id).toEqual(stages);
    }
    expect(compiled([on('groups')], context).mustScan).toBe(true);
    expect(compiled([{ ...on('static'), is: 'IS_NOT' }], context).mustScan).toBe(true);
  });

  it('declares that it must scan in all other cases, and reads the index in order', async () => {
    const context = await contextFor();
    for (const subject of everySubject(context, ['City']))
      for (const one of conditionsOn(subject).filter((each) => !isPoint(each, subject.compared))) {
        const filter = compiled([one], context);
        expect(filter.mustScan, JSON.stringify(one)).toBe(true);
        const find = pageArguments({ ...viewOf({ cursor: { after: 'm' } }), compiled: filter });
        expect(planByRules(find, indexes), JSON.stringify(one)).toEqual(['FILTER', 'FETCH', 'IXSCAN']);
        const narrowed = compiled([hasEmail, one], context);
        expect(narrowed).toMatchObject({ mustScan: true, ranges: [{ facets: 'EMAIL' }] });
        // A job reads a range of the index batch by batch, and chooses by itself.
        expect(batchPlans(narrowed)).toEqual([['FETCH', 'IXSCAN']]);
      }
    const groups = compileFilter({ any: [{ all: [hasEmail] }, { all: [hasEmail] }] }, context);
    expect(groups?.mustScan).toBe(true);
  });

  it('declares that it must scan for two values, and offers each as a range that a batch reads without a filter', async () => {
    const hasPhone = { ...hasEmail, values: ['SMS'] };
    const scan = ['FETCH', 'IXSCAN'];
    for (const { scope, conditions, ranges, plans } of [
      { scope: null, conditions: [hasEmail, hasPhone], ranges: ['EMAIL', 'SMS'], plans: [scan, scan] },
      { scope: [0], conditions: [hasEmail], ranges: ['EMAIL', 'unit:0'], plans: [scan, scan] },
      {
        ...{ scope: [0, 1], conditions: [hasEmail], ranges: ['EMAIL', { $in: ['unit:0', 'unit:1'] }] },
        plans: [scan, ['SORT_MERGE', ...scan]],
      },
    ]) {
      const filter = compiled(conditions, await contextFor(scope));
      expect(filter).toMatchObject({ mustScan: true, ranges: ranges.map((facets) => ({ facets })) });
      expect(batchPlans(filter)).toEqual(plans);
    }
  });

  it('does the same for all results of a search, which are unordered', async () => {
    for (const conditions of [[], [hasEmail]]) {
      const filter = compiled(conditions, await contextFor(), true);
      const find = searchArguments({ compiled: filter, search: 'person' }, 5001);
      expect(planByRules(find, indexes)).not.toContain('SORT');
      expect(await planOf(find)).not.toContain('SORT');
    }
  });

  it('does the same for batches and for a user of one unit; several units are merged', async () => {
    const selected = compiled([hasEmail], await contextFor());
    for (const after of [null, '2026']) {
      const batch = batchArguments(selected, { facets: 'EMAIL' }, { after, until: new Date(), size: 500 });
      expect(planByRules(batch, indexes)).toEqual(['FETCH', 'IXSCAN']);
    }
    const planFor = async (scope: Scope, conditions: Condition[] = []) => {
      const filter = compiled(conditions, await contextFor(scope));
      return planByRules(pageArguments({ ...viewOf({ cursor: { after: 'm' } }), compiled: filter }), indexes);
    };
    expect(await planFor([0])).toEqual(['FETCH', 'IXSCAN']);
    expect(await planFor([0, 1])).toEqual(['SORT_MERGE', 'FETCH', 'IXSCAN']);
    expect(await planFor([0], [hasEmail])).toEqual(['FILTER', 'FETCH', 'IXSCAN']);
  });
});
