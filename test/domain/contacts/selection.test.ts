/** A view is a query string and back; saved views are one's own or shared, and never tell of other units. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteSavedView, findSavedViews, saveView } from '../../../src/domain/contacts/saved-views.js';
import {
  contactSorts,
  cursorOf,
  cursorText,
  queryOfView,
  selectionOfView,
  selectionSchema,
  viewOfQuery,
} from '../../../src/domain/contacts/selection.js';
import type { ContactView } from '../../../src/domain/contacts/selection.js';
import { openContactRoom } from '../../support/contact-room.js';
import type { ContactRoom } from '../../support/contact-room.js';

const plain: ContactView = { facets: [], search: '', sort: 'name', direction: 'asc' };

describe('a view', () => {
  it('comes back from its query string as it was', () => {
    const word = fc
      .string({ minLength: 1, maxLength: 30 })
      .filter((text) => text.trim() === text && text !== '');
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 6 }),
        fc.option(word, { nil: '' }),
        fc.constantFrom(...contactSorts),
        fc.constantFrom('asc' as const, 'desc' as const),
        (facets, search, sort, direction) => {
          const view = { facets: [...facets].sort(), search, sort, direction };
          expect(viewOfQuery(new URLSearchParams(queryOfView({ ...view, facets })))).toEqual(view);
          expect(selectionSchema.safeParse(selectionOfView(view)).success).toBe(true);
        },
      ),
    );
  });

  it('is the index as it opens where nothing is asked for, or nothing that is known', () => {
    expect(queryOfView(plain)).toBe('');
    expect(viewOfQuery(new URLSearchParams('sort=whim&dir=up&x=1'))).toEqual(plain);
  });

  it('never loses a filter: where they cannot be read, there is no view', () => {
    expect(
      viewOfQuery(new URLSearchParams(Array.from({ length: 21 }, (_, at) => `f=unit:${at}`).join('&'))),
    ).toBeNull();
    expect(viewOfQuery(new URLSearchParams({ f: 'x'.repeat(201) }))).toBeNull();
  });

  it('has cursors for pages, whatever is in a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (key) => {
        expect(cursorOf(cursorText({ after: key }))).toEqual({ after: key });
        expect(cursorOf(cursorText({ before: key }))).toEqual({ before: key });
      }),
    );
  });
});

describe('saved views', () => {
  let room: ContactRoom;
  let deps: Parameters<typeof saveView>[0];
  beforeAll(async () => {
    room = await openContactRoom();
    deps = { models: room.models, clock: room.contacts.clock, catalogue: room.contacts.catalogue };
  });
  afterAll(() => room.close());
  const save = (userId: string, name: string, view: Partial<ContactView> = {}, isShared = false) =>
    saveView(deps, { userId, name, view: { ...plain, ...view }, isShared });
  const names = async (userId: string, scope: number[] | null = null) =>
    (await findSavedViews(deps, { userId, scope })).map(({ name }) => name);

  it('are one’s own, or shared with everybody who reaches what they tell of', async () => {
    await save('ann', 'Mine', { search: 'berg' });
    await save('ann', 'Ours', { facets: ['locale:nb'] }, true);
    await save('ann', 'Of Fjell', { facets: ['unit:1'] }, true);
    expect(await names('ann')).toEqual(['Mine', 'Of Fjell', 'Ours']);
    expect(await names('bo')).toEqual(['Of Fjell', 'Ours']);
    expect(await names('bo', [0])).toEqual(['Ours']);
  });

  it('saved again under a name are replaced', async () => {
    await save('cy', 'All', { search: 'old' });
    await save('cy', ' All ', { search: 'new' });
    expect(
      (await findSavedViews(deps, { userId: 'cy', scope: null })).filter(({ ownerId }) => ownerId === 'cy'),
    ).toMatchObject([{ name: 'All', query: 'q=new' }]);
    expect(await save('cy', '  ')).toMatchObject({ faults: [{ field: 'name' }] });
    expect(await save('cy', 'x'.repeat(61))).toMatchObject({ faults: [{ field: 'name' }] });
  });

  it('are taken away by whose they are, shared ones also by those who may', async () => {
    const own = await save('dee', 'Own');
    const shared = await save('dee', 'Shared', {}, true);
    if (!('view' in own) || !('view' in shared)) throw new Error('not saved');
    const take = (viewId: string, userId: string, isForAll: boolean) =>
      deleteSavedView(deps, { viewId, userId, isForAll });
    await expect(take(own.view._id, 'eve', true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(take(shared.view._id, 'eve', false)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await take(shared.view._id, 'eve', true);
    await take(own.view._id, 'dee', false);
    expect((await names('dee')).filter((name) => name === 'Own' || name === 'Shared')).toEqual([]);
  });
});
