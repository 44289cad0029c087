/** A view converts to a query string and back. Saved views are private or shared, and reveal nothing of other units. */
import { cursorIn, cursorText } from '../../../src/cursor.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteSavedView, findSavedViews, saveView } from '../../../src/domain/contacts/saved-views.js';
import {
  contactSorts,
  contactCursor,
  queryOfView,
  selectionOfView,
  selectionSchema,
  viewOfQuery,
  wholeIndex,
} from '../../../src/domain/contacts/selection.js';
import type { ContactView } from '../../../src/domain/contacts/selection.js';
import { allOf } from '../../../src/domain/filters/filter.js';
import type { Filter } from '../../../src/domain/filters/filter.js';
import { openContactRoom } from '../../support/contact-room.js';

const plain = wholeIndex;
const where = (on: string, value: string, of = ''): Filter => allOf([{ on, of, is: 'IS', values: [value] }]);

describe('a view of the index', () => {
  it('is the same after conversion to a query string and back', () => {
    const word = fc
      .string({ minLength: 1, maxLength: 30 })
      .filter((text) => text.trim() === text && text !== '');
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        fc.option(word, { nil: '' }),
        fc.constantFrom(...contactSorts),
        fc.constantFrom('asc' as const, 'desc' as const),
        (groups, search, sort, direction) => {
          const any = groups.map((values) => ({
            all: [{ on: 'property', of: 'city', is: 'IS_ANY_OF' as const, values }],
          }));
          const view = { filter: { any }, search, sort, direction };
          expect(viewOfQuery(new URLSearchParams(queryOfView(view)))).toEqual(view);
          expect(selectionSchema.safeParse(selectionOfView(view)).success).toBe(true);
        },
      ),
    );
  });

  it('is the default index for an empty or unknown query', () => {
    expect(queryOfView(plain)).toBe('');
    expect(viewOfQuery(new URLSearchParams('sort=whim&dir=up&x=1'))).toEqual(plain);
  });

  it('never loses a condition: an unreadable filter gives no view', () => {
    const many = Array.from({ length: 21 }, () => ({ on: 'language', of: '', is: 'IS', values: ['nb'] }));
    for (const filter of ['x', '{}', '{"any":[{"all":[]}]}', JSON.stringify({ any: [{ all: many }] })])
      expect(viewOfQuery(new URLSearchParams({ filter })), filter).toBeNull();
    expect(viewOfQuery(new URLSearchParams({ f: 'whim:1' }))).toBeNull();
  });

  it('can be read from links, saved views and jobs of older releases, which named facets', () => {
    const older = {
      'unit:1': { on: 'unit', of: '', is: 'IS', values: ['1'] },
      'locale:nb': { on: 'language', of: '', is: 'IS', values: ['nb'] },
      'source:API': { on: 'source', of: '', is: 'IS', values: ['API'] },
      'property:city=a=b:c': { on: 'property', of: 'city', is: 'IS', values: ['a=b:c'] },
      SMS: { on: 'has-address', of: '', is: 'IS', values: ['SMS'] },
      'EMAIL:3:UNSUBSCRIBED': { on: 'status', of: '3', is: 'IS', values: ['UNSUBSCRIBED'] },
      'EMAIL:out-of-all': { on: 'out-of-all', of: 'EMAIL', is: 'IS_TRUE', values: [] },
      'EMAIL:out-of-all:0': { on: 'out-of-all', of: 'EMAIL:0', is: 'IS_TRUE', values: [] },
      'EMAIL:undeliverable': { on: 'cannot-receive', of: '', is: 'IS', values: ['EMAIL:undeliverable'] },
    };
    for (const [facet, condition] of Object.entries(older)) {
      const filter = { any: [{ all: [condition] }] };
      expect(viewOfQuery(new URLSearchParams({ f: facet }))?.filter, facet).toEqual(filter);
      expect(selectionSchema.parse({ kind: 'FILTER', facets: [facet], search: '' })).toEqual({
        ...{ kind: 'FILTER', filter, search: '' },
      });
    }
    expect(selectionSchema.parse({ kind: 'FILTER', facets: [], search: '' })).toMatchObject({
      filter: { any: [] },
    });
    expect(selectionSchema.safeParse({ kind: 'FILTER', facets: ['whim:1'], search: '' }).success).toBe(false);
  });

  it('has page cursors, whatever a sort key contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (key) => {
        expect(cursorIn(cursorText({ after: key }), contactCursor)).toEqual({ after: key });
        expect(cursorIn(cursorText({ before: key }), contactCursor)).toEqual({ before: key });
      }),
    );
  });
});

describe('saved views', async () => {
  const room = await openContactRoom();
  const deps = room.contacts;
  const save = (
    userId: string,
    name: string,
    view: Partial<ContactView> = {},
    isShared = false,
    scope: number[] | null = null,
    isReplacing = false,
  ) => saveView(deps, { userId, scope, name, view: { ...plain, ...view }, isShared, isReplacing });
  const names = async (userId: string, scope: number[] | null = null) =>
    (await findSavedViews(deps, { userId, scope })).map(({ name }) => name);

  it('are private, or shared with every user who reaches their units', async () => {
    await save('ann', 'Mine', { search: 'berg' });
    await save('ann', 'Ours', { filter: where('language', 'nb') }, true);
    await save('ann', 'Of Fjell', { filter: where('unit', '1') }, true);
    expect(await names('ann')).toEqual(['Mine', 'Of Fjell', 'Ours']);
    expect(await names('bo')).toEqual(['Of Fjell', 'Ours']);
    expect(await names('bo', [0])).toEqual(['Ours']);
  });

  it('shared with users of one unit reveal no words or property values of other units', async () => {
    await room.contact({ email: 'oslo@example.com', properties: { city: 'Oslo' }, unitIds: [0, 1] });
    await room.contact({ email: 'bergen@example.com', properties: { city: 'Bergen' }, unitIds: [1] });
    await save('flo', 'Words', { search: 'secret' }, true);
    await save('flo', 'Value', { filter: where('property', 'Bergen', 'city') }, true);
    await save('flo', 'Value of both', { filter: where('property', 'Oslo', 'city') }, true);
    await save('flo', 'Words in a condition', { filter: where('name', 'Secret') }, true);
    await save('gus', 'Words of unit 0', { search: 'plain' }, true, [0]);
    await save('gus', 'Words of unit 1', { search: 'plain' }, true, [1]);
    const told = async (scope: number[] | null) =>
      (await names('hal', scope)).filter((name) => /Words|Value/.test(name));
    expect(await told(null)).toEqual([
      'Value',
      'Value of both',
      'Words',
      'Words in a condition',
      'Words of unit 0',
      'Words of unit 1',
    ]);
    expect(await told([0])).toEqual(['Value of both', 'Words of unit 0']);
    expect(await told([1])).toEqual(['Value', 'Value of both', 'Words of unit 1']);
    expect(await told([0, 1])).toEqual(['Value', 'Value of both', 'Words of unit 0', 'Words of unit 1']);
    // As views were stored before they named their owner's units.
    await room.models.savedViews.updateOne({ name: 'Words of unit 0' }, { $unset: { scope: '' } });
    expect(await told([0])).toEqual(['Value of both']);
  });

  it('of one user never hide shared ones of others', async () => {
    const many = Array.from({ length: 100 }, (_, at) => ({
      _id: `many-${at}`,
      name: `A ${String(at).padStart(3, '0')}`,
      query: 'f=locale%3Anb',
      ownerId: 'ivy',
      isShared: true,
      at: new Date(),
    }));
    await room.models.savedViews.insertMany(many);
    await save('jan', 'Zeta', { filter: where('language', 'nb') }, true);
    const shown = await names('kim');
    expect(shown).toContain('Zeta');
    // In natural order: 2 before 10.
    await save('kim', 'Letter 10');
    await save('kim', 'Letter 9');
    expect((await names('kim')).filter((name) => name.startsWith('Letter'))).toEqual([
      'Letter 9',
      'Letter 10',
    ]);
    expect(shown.filter((name) => name.startsWith('A '))).toHaveLength(20);
    expect((await names('ivy')).filter((name) => name.startsWith('A '))).toHaveLength(100);
  });

  it('can be shared twenty at most by one user, and one of them can be replaced', async () => {
    for (let at = 0; at < 20; at++) await save('leo', `Shared ${at}`, {}, true);
    expect(await save('leo', 'One more', {}, true)).toMatchObject({ faults: [{ field: 'name' }] });
    expect(await save('leo', 'Shared 7', { search: 'new' }, true, null, true)).toHaveProperty('view');
    expect(await save('leo', 'One more')).toHaveProperty('view');
  });

  it('are replaced by another of the same name only on demand, and the same view may be saved twice', async () => {
    const own = async () =>
      (await findSavedViews(deps, { userId: 'cy', scope: null })).filter(({ ownerId }) => ownerId === 'cy');
    await save('cy', 'All', { search: 'old' }, true);
    expect(await save('cy', ' All ', { search: 'old' }, true)).toHaveProperty('view');
    expect(await save('cy', ' All ', { search: 'new' })).toMatchObject({ isTaken: true });
    expect(await save('cy', 'All', { search: 'old' })).toMatchObject({ isTaken: true });
    expect(await own()).toMatchObject([{ name: 'All', query: 'q=old', isShared: true }]);
    await save('cy', 'All', { search: 'new' }, false, null, true);
    expect(await own()).toMatchObject([{ name: 'All', query: 'q=new', isShared: false }]);
    expect(await save('cy', '  ')).toMatchObject({ faults: [{ field: 'name' }] });
    expect(await save('cy', 'x'.repeat(61))).toMatchObject({ faults: [{ field: 'name' }] });
  });

  it('are deleted by their owner, shared ones also by users with the permission', async () => {
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
