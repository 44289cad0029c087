/** Lists follow every edit at once, and no file that is made from one has a contact that opted out. */
import { afterEach, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { countContacts } from '../../../src/domain/contacts/find.js';
import { allOf, type Condition, type Filter } from '../../../src/domain/filters/filter.js';
import { changeList, createList, getList, membersOf } from '../../../src/domain/lists/lists.js';
import type { List } from '../../../src/models/list.js';
import { openExportRoom } from '../../support/export-room.js';
import { actors, worldWith } from '../../support/judge.js';
import { membersIn } from '../../support/list-members.js';
import { trailNotes, types, units } from '../../support/people.js';

const room = await openExportRoom();
afterEach(() => room.reset());

const { membersBy, membersByPredicate } = membersIn(() => room);
const is = (on: string, ...values: string[]): Condition => ({ on, of: '', is: 'IS', values });
const status = (value: string): Condition => ({ ...is('status', value), of: String(trailNotes.id) });

async function listOf(name: string, filter: Filter): Promise<List> {
  const wanted = { name, kind: 'ACTIVE' as const, unitIds: null, by: 'user:1', scope: null, filter };
  const made = await createList(room.jobs, wanted);
  if ('faults' in made) expect.fail(made.faults.map(({ message }) => message).join(' '));
  return made.list;
}

async function refilter({ _id }: List, filter: Filter) {
  return changeList(room.jobs, await getList(room.jobs, { listId: _id, scope: null }), { filter }, null);
}

it('the members follow an edit of the filter, of a subscription type, and of another list, and all counts agree', async () => {
  const lists: List[] = [];
  const agree = async () => {
    const found = [];
    for (const list of lists) {
      const members = await membersBy(list);
      expect(members).toEqual(await membersByPredicate(list));
      found.push(members.length);
    }
    return found;
  };
  const [reader, stranger] = [
    await room.contact({ email: 'reader@example.com', locale: 'nb' }),
    await room.contact({ email: 'stranger@example.com', locale: 'de' }),
  ];
  const subscribed = await listOf('Subscribed', allOf([status('SUBSCRIBED')]));
  const stopped = await listOf('Do not contact', allOf([status('UNSUBSCRIBED')]));
  const rest = await listOf(
    'All others',
    allOf([is('has-address', 'EMAIL'), { ...is('list', stopped._id), is: 'IS_NOT' }]),
  );
  lists.push(subscribed, stopped, rest);
  const refresh = () => room.jobs.refreshContacts?.([reader._id, stranger._id]);
  await room.act(reader.subscribers.EMAIL ?? '', actors.freshContact, {
    kind: 'OPT_IN',
    typeId: trailNotes.id,
  });
  await refresh();
  expect(await agree()).toEqual([1, 0, 2]);
  await room.act(reader.subscribers.EMAIL ?? '', actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: null });
  await refresh();
  expect(await agree()).toEqual([0, 1, 1]);
  // An edit of a type: an opt-out of all does not cover transactional messages.
  const transactional = types.map((type) =>
    type.id === trailNotes.id ? { ...type, purpose: 'TRANSACTIONAL' as const } : type,
  );
  room.setCatalogue(catalogueOf([...units], transactional, false));
  await refresh();
  expect(await agree()).toEqual([1, 0, 2]);
  room.setCatalogue(worldWith());
  await refresh();
  // An edit of the filter, and of the list that another one names.
  expect(await refilter(subscribed, allOf([status('UNSUBSCRIBED')]))).toBe('SAVED');
  expect(await agree()).toEqual([1, 1, 1]);
  expect(await refilter(stopped, allOf([is('language', 'de')]))).toBe('SAVED');
  expect(await agree()).toEqual([1, 1, 1]);
  expect(await membersBy(rest)).toEqual([reader._id]);
}, 20_000);

it('the export of a list never has a contact that opted out, even while the index still lists it as subscribed', async () => {
  const [gone, stays] = [
    await room.contact({ email: 'gone@example.com' }),
    await room.contact({ email: 'stays@example.com' }),
  ];
  for (const { subscribers } of [gone, stays])
    await room.act(subscribers.EMAIL ?? '', actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });
  await room.jobs.refreshContacts?.([gone._id, stays._id]);
  const list = await listOf('For a mailing', allOf([status('SUBSCRIBED')]));
  await room.act(gone.subscribers.EMAIL ?? '', actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: null });
  room.later(1);
  // No projection has run since the opt-out.
  const filter = membersOf(list._id);
  expect((await countContacts(room.jobs, { scope: null, filter, search: '' })).count).toBe(2);
  const selection = { kind: 'FILTER', filter, search: '' };
  const rows = await room.rowsOf('EXPORT_CONTACTS', { selection, columns: ['email'] });
  expect(rows.flatMap((row) => Object.values(row))).toEqual(['stays@example.com']);
});
