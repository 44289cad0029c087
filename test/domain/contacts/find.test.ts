/**
 * Finding contacts: pages repeat and omit nothing, filters and searches find the right contacts, and the scope always applies.
 */
import { cursorIn } from '../../../src/cursor.js';
import { describe, expect, it } from 'vitest';
import { facet } from '../../../src/domain/filters/facet.js';
import {
  countContacts,
  countSelection,
  filterContext,
  findContacts,
  findIds,
  streamContactIds,
} from '../../../src/domain/contacts/find.js';
import { maxTimeMS, pageSize } from '../../../src/domain/contacts/query.js';
import { contactCursor, contactSorts } from '../../../src/domain/contacts/selection.js';
import type { Cursor, Direction, Selection } from '../../../src/domain/contacts/selection.js';
import { describeFilter } from '../../../src/domain/filters/describe.js';
import { allOf, noFilter } from '../../../src/domain/filters/filter.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { watchedBy } from '../../support/connection.js';
import { openContactRoom, viewOf as view } from '../../support/contact-room.js';
import { actors } from '../../support/judge.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../support/people.js';

const many = 130;
const directions: Direction[] = ['asc', 'desc'];

const cursorOf = (text: unknown) => cursorIn(text, contactCursor);
const room = await openContactRoom();
const all: Contact[] = [];
for (let at = 0; at < many; at++) {
  room.setTime(new Date(Date.UTC(2026, 2, 2, 12, at % 60, at)));
  const contact = await room.contact({
    // Names that many contacts share, so that pages begin and end among them.
    firstName: ['Ann', 'Bo', 'Åsa'][at % 3] ?? '',
    lastName: at % 2 ? 'Berg' : '',
    email: at % 5 ? `person-${at}@example.com` : '',
    phone: at % 5 ? '' : `+479${String(at).padStart(7, '0')}`,
    locale: at % 2 ? 'nb' : '',
    unitIds: at % 4 ? [northwind.id] : at % 8 ? [northwind.id, fjell.id] : [fjell.id],
    properties: at % 2 ? { City: at % 4 === 1 ? 'Oslo' : 'Bergen' } : {},
  });
  all.push(contact);
}
room.setTime(new Date('2026-03-03T12:00:00Z'));

async function everyPage(wanted: Parameters<typeof view>[0]): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: Cursor | null = null;
  do {
    const page = await findContacts(room.contacts, view({ ...wanted, cursor }));
    pages.push(page.contacts.map(({ _id }) => _id));
    cursor = cursorOf(page.next);
  } while (cursor);
  return pages;
}

describe('the pages of the index', () => {
  it.each(contactSorts.flatMap((sort) => directions.map((direction) => ({ sort, direction }))))(
    'show every contact once, by $sort $direction, forwards and back',
    async ({ sort, direction }) => {
      const pages = await everyPage({ sort, direction });
      expect(pages.map(({ length }) => length)).toEqual([50, 50, 30]);
      const key = ({ name: 'nameKey', email: 'emailKey', added: 'addedKey' } as const)[sort];
      const sorted = [...all].sort((a, b) => Buffer.compare(Buffer.from(a[key]), Buffer.from(b[key])));
      if (direction === 'desc') sorted.reverse();
      expect(pages.flat()).toEqual(sorted.map(({ _id }) => _id));
      let page = await findContacts(room.contacts, view({ sort, direction }));
      for (let turn = 0; turn < 2; turn++)
        page = await findContacts(room.contacts, view({ sort, direction, cursor: cursorOf(page.next) }));
      const back: string[][] = [page.contacts.map(({ _id }) => _id)];
      while (page.previous) {
        page = await findContacts(room.contacts, view({ sort, direction, cursor: cursorOf(page.previous) }));
        back.unshift(page.contacts.map(({ _id }) => _id));
        expect(page.next).not.toBeNull();
      }
      expect(back).toEqual(pages);
    },
  );

  it('continue after the last row although contacts are added and deleted', async () => {
    const first = await findContacts(room.contacts, view({ sort: 'added' }));
    const gone = first.contacts[49]?._id ?? '';
    const kept = await room.stored(gone);
    await room.models.contacts.deleteOne({ _id: gone });
    const second = await findContacts(room.contacts, view({ sort: 'added', cursor: cursorOf(first.next) }));
    if (kept) await room.models.contacts.create(kept);
    const sorted = [...all].sort((a, b) => (a.addedKey < b.addedKey ? -1 : 1));
    expect(second.contacts[0]?._id).toBe(sorted[50]?._id);
  });

  it('start at the first page for an invalid cursor', () => {
    for (const text of ['', 'x', 'a', 'aÅ', null, undefined]) expect(cursorOf(text)).toBeNull();
  });
});

describe('filters of contacts', () => {
  const ids = (contacts: { _id: string }[]) => contacts.map(({ _id }) => _id).sort();
  const is = (on: string, value: string, of = ''): Condition => ({ on, of, is: 'IS', values: [value] });
  const match = async (conditions: Condition[], scope: Scope = null) =>
    (await everyPage({ filter: allOf(conditions), scope })).flat().sort();

  it('find contacts that meet all conditions', async () => {
    expect(await match([is('property', ' OSLO ', 'city')])).toEqual(
      ids(all.filter(({ properties }) => properties['City'] === 'Oslo')),
    );
    expect(await match([is('language', 'nb'), is('has-address', 'SMS')])).toEqual(
      ids(all.filter(({ locale, phone }) => locale === 'nb' && phone)),
    );
    expect(await match([is('property', 'Atlantis', 'city')])).toEqual([]);
  });

  it('find contacts that meet one of several groups, on every page, for values in any case', async () => {
    const filter = {
      any: [
        { all: [{ on: 'name', of: '', is: 'STARTS_WITH' as const, values: ['BO'] }, is('language', 'nb')] },
        { all: [{ on: 'phone', of: '', is: 'IS_KNOWN' as const, values: [] }] },
      ],
    };
    const expected = ids(
      all.filter(({ firstName, locale, phone }) => (firstName === 'Bo' && locale === 'nb') || phone),
    );
    expect((await everyPage({ filter })).flat().sort()).toEqual(expected);
    expect((await countContacts(room.contacts, view({ filter }))).count).toBe(expected.length);
    const streamed: string[] = [];
    const selection: Selection = { kind: 'FILTER', filter, search: '' };
    for await (const batch of streamContactIds(room.contacts, { scope: null, selection, size: 7 }))
      streamed.push(...batch.ids);
    expect(streamed.sort()).toEqual(expected);
    expect(describeFilter(filter, await filterContext(room.contacts, null))).toEqual([
      'Name starts with BO and Language is Norwegian Bokmål',
      'or Phone is known',
    ]);
  });

  it('match nothing of other units for a user of one unit', async () => {
    const hidden: Condition[] = [
      { on: 'out-of-all', of: 'EMAIL', is: 'IS_FALSE', values: [] },
      { on: 'out-of-all', of: 'EMAIL:1', is: 'IS_FALSE', values: [] },
      is('unit', '1'),
      { ...is('unit', '1'), is: 'IS_NOT' },
      is('status', 'NOT_SPECIFIED', String(weekendLetters.id)),
      { ...is('status', 'SUBSCRIBED', String(weekendLetters.id)), is: 'IS_NOT' },
      { on: 'opted-out', of: String(weekendLetters.id), is: 'IS_FALSE', values: [] },
    ];
    for (const one of hidden) {
      const filter = allOf([one]);
      expect(await match([one], [northwind.id]), JSON.stringify(one)).toEqual([]);
      expect(await countContacts(room.contacts, view({ filter, scope: [northwind.id] }))).toEqual({
        count: 0,
        isCapped: false,
      });
      for await (const batch of streamContactIds(room.contacts, {
        scope: [northwind.id],
        selection: { kind: 'FILTER', filter, search: '' },
      }))
        expect.fail(`${JSON.stringify(one)} gave ${batch.ids.length}`);
    }
    expect(await match([{ on: 'out-of-all', of: 'EMAIL:0', is: 'IS_TRUE', values: [] }], [0])).toEqual([]);
  });
});

describe('a user’s scope', () => {
  it.each([[[0]], [[1]], [[0, 1]], [[]]] as [number[]][])(
    '%j shows and counts only its contacts',
    async (scope) => {
      const expected = all
        .filter(({ unitIds }) => unitIds.some((id) => scope.includes(id)))
        .map(({ _id }) => _id);
      expect((await everyPage({ scope })).flat().sort()).toEqual(expected.sort());
      expect(await countContacts(room.contacts, view({ scope }))).toEqual({
        count: expected.length,
        isCapped: false,
      });
      const selection: Selection = { kind: 'IDS', ids: [...all.map(({ _id }) => _id), 'nobody'] };
      expect((await countSelection(room.contacts, scope, selection)).count).toBe(expected.length);
    },
  );
});

describe('a search of contacts', () => {
  it('finds beginnings of names, addresses and numbers, whatever their case and accents', async () => {
    const found = async (search: string, scope: Scope = null) =>
      (await findContacts(room.contacts, view({ search, scope }))).contacts.length;
    expect(await found('person-11')).toBe(all.filter(({ email }) => email?.startsWith('person-11')).length);
    expect(await found('PERSON-111@example.com')).toBe(1);
    expect(await found('asa ber')).toBe(
      all.filter(({ firstName, lastName }) => firstName === 'Åsa' && lastName).length,
    );
    expect(await found('+479000000')).toBe(2);
    expect(await found('4790000005')).toBe(1);
    expect(await found('nobody')).toBe(0);
    // Each of two beginnings must begin its own word.
    expect(await found('berg bergen')).toBe(0);
    expect(await found('person-4', [1])).toBe(
      all.filter(({ email, unitIds }) => email?.startsWith('person-4') && unitIds.includes(1)).length,
    );
  });

  it('shows at most fifty, in order, and says that there are more', async () => {
    const page = await findContacts(room.contacts, view({ search: 'example', sort: 'email' }));
    expect(page.contacts).toHaveLength(pageSize);
    expect(page).toMatchObject({ isCutOff: true, next: null, previous: null });
    const keys = page.contacts.map(({ emailKey }) => emailKey);
    expect(keys).toEqual([...keys].sort());
    expect((await countContacts(room.contacts, view({ search: 'example' }))).count).toBe(104);
  });
});

it('finds all matching ids, unordered, within the scope and the limit', async () => {
  const named = (wanted: { search: string; scope?: Scope }, limit: number) =>
    findIds(room.contacts, view(wanted), limit);
  const idsOf = (found: typeof all) => found.map(({ _id }) => _id).sort();
  const persons = all.filter(({ email }) => email?.startsWith('person-1'));
  expect((await named({ search: 'person-1' }, 500)).sort()).toEqual(idsOf(persons));
  expect((await named({ search: 'person-1', scope: [1] }, 500)).sort()).toEqual(
    idsOf(persons.filter(({ unitIds }) => unitIds.includes(1))),
  );
  expect(await named({ search: 'person-1' }, 3)).toHaveLength(3);
  expect(await named({ search: 'nobody' }, 500)).toEqual([]);
  const streamed = streamContactIds(room.contacts, {
    scope: null,
    selection: { kind: 'FILTER', filter: noFilter, search: 'person' },
  });
  await expect(streamed.next()).rejects.toThrow();
});

it('every query on contacts has a time limit', async () => {
  const asked: unknown[] = [];
  const { models } = await watchedBy(room.database, (command) => {
    if (command['find'] === 'contacts' || command['aggregate'] === 'contacts')
      asked.push(command['maxTimeMS']);
  });
  const deps = { ...room.contacts, models };
  await findContacts(deps, view({ search: 'person' }));
  await findContacts(deps, view({}));
  await countContacts(deps, view({ search: 'person' }));
  await findIds(deps, view({ search: 'person' }), 10);
  const selection: Selection = { kind: 'FILTER', filter: noFilter, search: '' };
  // One query reads the ids of many batches.
  for await (const { ids } of streamContactIds(deps, { scope: null, selection, size: 20 }))
    expect(ids.length).toBeLessThan(21);
  expect(asked).toEqual(Array.from({ length: 5 }, () => maxTimeMS));
});

describe('a selection read in batches', () => {
  const batches = async (wanted: Omit<Parameters<typeof streamContactIds>[1], 'scope'>) => {
    const found: { ids: string[]; after: string }[] = [];
    for await (const batch of streamContactIds(room.contacts, { scope: null, size: 40, ...wanted }))
      found.push(batch);
    return found;
  };
  const filter: Selection = { kind: 'FILTER', filter: noFilter, search: '' };

  it('gives every contact once, and continues after any batch', async () => {
    for (const selection of [filter, { kind: 'IDS', ids: all.map(({ _id }) => _id) }] as Selection[]) {
      const whole = await batches({ selection });
      expect(whole.map(({ ids }) => ids.length)).toEqual([40, 40, 40, 10]);
      expect(whole.flatMap(({ ids }) => ids).sort()).toEqual(all.map(({ _id }) => _id).sort());
      expect(await batches({ selection, after: whole[1]?.after ?? '' })).toEqual(whole.slice(2));
    }
  });

  it('leaves out contacts added after it was made', async () => {
    const until = new Date(Date.UTC(2026, 2, 2, 12, 30));
    const found = await batches({ selection: filter, until });
    expect(found.flatMap(({ ids }) => ids).length).toBe(
      all.filter(({ createdAt }) => createdAt < until).length,
    );
  });
});

it('a facet follows the contact’s decision', async () => {
  const contact = await room.contact({ email: 'follower@example.com' });
  await room.act(room.idOf('follower@example.com'), actors.freshContact, {
    kind: 'OPT_OUT',
    typeId: trailNotes.id,
  });
  const edited = await room.edit(contact, { firstName: 'Follower' });
  expect(edited.facets).toContain(facet.status('EMAIL', trailNotes.id, 'UNSUBSCRIBED'));
});
