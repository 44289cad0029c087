/** Each filter that the index offers, with each sort, on any page: one range of one index, with nothing sorted, by MongoDB's own rules. */
import { createConnection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { facet } from '../../../src/domain/contacts/facets.js';
import { findFilters } from '../../../src/domain/contacts/filters.js';
import { batchArguments, pageArguments, searchArguments } from '../../../src/domain/contacts/query.js';
import type { FindArguments } from '../../../src/domain/contacts/query.js';
import { contactSorts } from '../../../src/domain/contacts/selection.js';
import type { Cursor, Direction } from '../../../src/domain/contacts/selection.js';
import { contactModel } from '../../../src/models/contact.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { openContactRoom, viewOf } from '../../support/contact-room.js';
import type { ContactRoom } from '../../support/contact-room.js';
import { planByRules } from '../../support/planning-rules.js';
import type { PlannedIndex } from '../../support/planning-rules.js';

const directions: Direction[] = ['asc', 'desc'];
let room: ContactRoom;
beforeAll(async () => {
  room = await openContactRoom();
  await room.contact({ email: 'one@example.com', properties: { City: 'Oslo' } });
});
afterAll(() => room.close());

/** The stages of a plan, from the outermost in. */
function stagesOf(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const stage: unknown = Object(plan)['stage'];
  const inner: unknown[] = [Object(plan)['inputStage'], ...[Object(plan)['inputStages'] ?? []].flat()];
  return [...(typeof stage === 'string' ? [stage] : []), ...inner.flatMap(stagesOf)];
}

async function planOf({ filter, options }: FindArguments): Promise<string[]> {
  const explained: unknown = await room.models.contacts.collection
    .find(filter, options)
    .explain('queryPlanner');
  return stagesOf(Object(Object(explained)['queryPlanner'])['winningPlan']);
}

const indexes: PlannedIndex[] = contactModel(createConnection())
  .schema.indexes()
  .map(([keys]) => ({
    keys: Object.entries(keys).map(([field, way]) => [field, way === -1 ? -1 : 1] as const),
  }));

describe('every filter with every sort', () => {
  it('is one scan of an index, on any page, and nothing is sorted', async () => {
    // Some stand-ins sort always, even where an index on one plain field has the order already; then the rules alone can tell.
    const mayAvoidSorting = !(await planOf({ filter: {}, options: { sort: { _id: 1 } } })).includes('SORT');
    const groups = await findFilters({ models: room.models, catalogue: room.contacts.catalogue }, null);
    const facets = [null, ...groups.flatMap(({ filters }) => filters.map((one) => one.facet))];
    expect(facets.length).toBeGreaterThan(40);
    const cursors: (Cursor | null)[] = [null, { after: 'm' }, { before: 'm' }];
    for (const one of facets)
      for (const sort of contactSorts)
        for (const direction of directions)
          for (const cursor of cursors) {
            const find = pageArguments(viewOf({ facets: one ? [one] : [], sort, direction, cursor }));
            expect(planByRules(find, indexes), `${one} ${sort} ${direction}`).toEqual(['FETCH', 'IXSCAN']);
            const plan = await planOf(find);
            expect(plan, `${one} ${sort} ${direction}`).toContain('IXSCAN');
            expect(plan).not.toContain('COLLSCAN');
            if (mayAvoidSorting) expect(plan, `${one} ${sort} ${direction}`).not.toContain('SORT');
          }
  }, 60_000);

  it('is so for all that a search finds, which are in no order', async () => {
    for (const facets of [[], [facet.channel('EMAIL')]]) {
      const find = searchArguments(viewOf({ facets, search: 'person' }), 5001);
      expect(planByRules(find, indexes)).not.toContain('SORT');
      expect(await planOf(find)).not.toContain('SORT');
    }
  });

  it('is so for a selection in batches, and for a user of one unit; several units are merged', () => {
    const selection = { facets: [facet.channel('EMAIL')] };
    for (const after of [null, '2026']) {
      const batch = batchArguments(selection, { scope: null, after, until: new Date(), size: 500 });
      expect(planByRules(batch, indexes)).toEqual(['FETCH', 'IXSCAN']);
    }
    const planFor = (scope: Scope, facets: string[] = []) =>
      planByRules(pageArguments(viewOf({ scope, facets, cursor: { after: 'm' } })), indexes);
    expect(planFor([0])).toEqual(['FETCH', 'IXSCAN']);
    expect(planFor([0, 1])).toEqual(['SORT_MERGE', 'FETCH', 'IXSCAN']);
    expect(planFor([0], [facet.locale('nb')])).toEqual(['FILTER', 'FETCH', 'IXSCAN']);
  });
});
