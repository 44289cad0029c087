/** Lists on a real database: members, active lists that follow their filters, lists in lists, circles, and lists in use. */
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { countContacts } from '../../../src/domain/contacts/find.js';
import { wholeIndex } from '../../../src/domain/contacts/selection.js';
import { saveView } from '../../../src/domain/contacts/saved-views.js';
import { allOf, type Condition, type Filter } from '../../../src/domain/filters/filter.js';
import {
  changeList,
  createList,
  deleteList,
  findLists,
  getList,
  membersOf,
} from '../../../src/domain/lists/lists.js';
import { addToList, removeFromList } from '../../../src/domain/lists/members.js';
import { drainFeed } from '../../../src/feed/run.js';
import type { Contact } from '../../../src/models/contact.js';
import type { List } from '../../../src/models/list.js';
import { queueJob } from '../../../src/models/job.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { openBulkRoom } from '../../support/bulk-room.js';
import { membersIn } from '../../support/list-members.js';
import { wantedOf } from '../../../src/jobs/kind.js';
import { clearList, editList } from '../../../src/jobs/kinds/edit-list.js';
import { runs } from '../../support/soak.js';

const room = await openBulkRoom();
beforeEach(async () => {
  await room.reset();
  for (const model of [room.models.lists, room.models.savedViews, room.models.changes])
    await model.collection.deleteMany({});
});

const is = (on: string, ...values: string[]): Condition => ({ on, of: '', is: 'IS', values });
const isNot = (on: string, ...values: string[]): Condition => ({ on, of: '', is: 'IS_NOT', values });

async function listOf(name: string, more: { filter?: Filter; unitIds?: Scope } = {}): Promise<List> {
  const made = await createList(room.jobs, {
    ...{ name, kind: more.filter ? 'ACTIVE' : 'STATIC', unitIds: null, by: 'user:1', scope: null },
    ...more,
  });
  if ('faults' in made) expect.fail(made.faults.map(({ message }) => message).join(' '));
  return made.list;
}

const listNow = ({ _id }: Pick<List, '_id'>) => getList(room.jobs, { listId: _id, scope: null });

const { membersBy, membersByPredicate } = membersIn(() => room);

async function refilter(list: Pick<List, '_id'>, filter: Filter) {
  return changeList(room.jobs, await listNow(list), { filter }, null);
}

it('a contact is added to a static list and removed from it, once, and the feed says so', async () => {
  const list = await listOf('Readers');
  const [first, second] = await room.crowd(2);
  const contactIds = [first?.contactId ?? '', second?.contactId ?? '', 'nobody'];
  expect(await addToList(room.jobs, { list, contactIds, scope: null })).toEqual([
    'CHANGED',
    'CHANGED',
    'NO_CONTACT',
  ]);
  expect(await addToList(room.jobs, { list, contactIds, scope: null })).toEqual([
    'NO_CHANGE',
    'NO_CHANGE',
    'NO_CONTACT',
  ]);
  expect(await membersBy(list)).toEqual(contactIds.slice(0, 2));
  await drainFeed({ ...room.jobs, log: { error: (fault: unknown) => expect.fail(String(fault)) } });
  const events = await room.models.changes.find({ kind: 'CONTACT' }).lean();
  expect(events.map(({ event }) => Object(event)['addedTo'])).toEqual([list._id, list._id]);
  const one = contactIds.slice(0, 1);
  expect(await removeFromList(room.jobs, { list, contactIds: one, scope: null })).toEqual(['CHANGED']);
  expect(await removeFromList(room.jobs, { list, contactIds: one, scope: null })).toEqual(['NO_CHANGE']);
  expect(await membersBy(list)).toEqual(contactIds.slice(1, 2));
});

it('a membership survives an edit of the contact and a new projection', async () => {
  const list = await listOf('Readers');
  const contact = await room.contact({ firstName: 'Ann', email: 'ann@example.com' });
  await addToList(room.jobs, { list, contactIds: [contact._id], scope: null });
  await room.edit((await room.stored(contact._id)) ?? contact, { firstName: 'Anna' });
  await room.jobs.refreshContacts?.([contact._id]);
  expect(await membersBy(list)).toEqual([contact._id]);
});

it('members of an active list are what the predicate finds, while contacts and filters change', async () => {
  const readers = await listOf('Readers');
  const norwegian = await listOf('Norwegian', { filter: allOf([is('language', 'nb')]) });
  const both = await listOf('Norwegian readers', {
    filter: allOf([is('list', norwegian._id), is('list', readers._id)]),
  });
  const either = await listOf('Either, and not both', {
    filter: {
      any: [
        { all: [is('list', norwegian._id), isNot('list', both._id)] },
        { all: [is('list', readers._id), isNot('list', both._id)] },
      ],
    },
  });
  const contacts: Contact[] = [];
  for (const at of [0, 1, 2, 3]) contacts.push(await room.contact({ email: `p${at}@example.com` }));
  const who = fc.integer({ min: 0, max: 3 });
  const act = fc.oneof(
    fc.record({ kind: fc.constant('locale' as const), who, locale: fc.constantFrom('nb', 'de', '') }),
    fc.record({ kind: fc.constant('member' as const), who, isAdded: fc.boolean() }),
    fc.record({ kind: fc.constant('filter' as const), locale: fc.constantFrom('nb', 'de') }),
  );
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 4 }), async (acts) => {
      for (const one of acts) {
        if (one.kind === 'filter') await refilter(norwegian, allOf([is('language', one.locale)]));
        else {
          const contact = await room.stored(contacts[one.who]?._id ?? '');
          if (!contact) expect.fail('a contact is missing');
          if (one.kind === 'locale') await room.edit(contact, { locale: one.locale });
          else {
            const change = one.isAdded ? addToList : removeFromList;
            await change(room.jobs, { list: readers, contactIds: [contact._id], scope: null });
          }
        }
        for (const list of [norwegian, both, either]) {
          const members = await membersBy(list);
          expect(members).toEqual(await membersByPredicate(list));
          found += members.length;
        }
      }
    }),
    runs(6),
  );
  expect(found).toBeGreaterThan(5);
});

it('a circle of lists is refused, and lists that another way made one match nobody', async () => {
  const first = await listOf('First', { filter: allOf([is('language', 'nb')]) });
  const second = await listOf('Second', { filter: allOf([is('list', first._id)]) });
  const third = await listOf('Third', { filter: allOf([is('list', second._id)]) });
  // The fault names the list that leads back: staff could not find it by themselves.
  const faultNaming = (name: string) => ({
    faults: [{ field: 'filter', message: expect.stringContaining(`“${name}”`) }],
  });
  const throughOthers = await refilter(first, allOf([is('list', third._id)]));
  expect(throughOthers).toMatchObject(faultNaming('Third'));
  const ofItself = await refilter(first, allOf([isNot('list', first._id)]));
  expect(ofItself).toMatchObject(faultNaming('First'));
  await room.contact({ email: 'ann@example.com', locale: 'nb' });
  expect(await membersBy(third)).toHaveLength(1);
  await room.models.lists.collection.updateOne(
    { _id: first._id as never },
    { $set: { filter: allOf([is('list', third._id)]) } },
  );
  expect(await membersBy(third)).toEqual([]);
});

it('a list in use is not deleted: by another list, a saved view or a job', async () => {
  const [byList, byView, byJob, unused] = [
    await listOf('A'),
    await listOf('B'),
    await listOf('C'),
    await listOf('D'),
  ];
  const user = await listOf('User', { filter: allOf([is('list', byList._id)]) });
  const view = { ...wholeIndex, filter: membersOf(byView._id) };
  await saveView(room.jobs, { userId: 'u', scope: null, name: 'V', view, isShared: false });
  const selection = { kind: 'FILTER' as const, filter: membersOf(byJob._id), search: '' };
  await room.queueEdit('edit', { selection });
  expect((await deleteList(room.jobs, byList)).map(({ id }) => id)).toEqual([user._id]);
  expect(await deleteList(room.jobs, byView)).toMatchObject([{ kind: 'VIEW' }]);
  expect(await deleteList(room.jobs, byJob)).toMatchObject([{ kind: 'JOB', id: 'edit' }]);
  expect(await deleteList(room.jobs, unused)).toEqual([]);
  expect((await findLists(room.jobs, null)).map(({ name }) => name)).toEqual(['A', 'B', 'C', 'User']);
});

it('a list that is limited to units exists only within them, holds only their contacts, and names only their things', async () => {
  const of0 = await room.contact({ email: 'zero@example.com', unitIds: [0] });
  const of1 = await room.contact({ email: 'one@example.com', unitIds: [1] });
  const ofBoth = await room.contact({ email: 'both@example.com', unitIds: [0, 1] });
  const active = await listOf('Of one', { filter: allOf([is('has-address', 'EMAIL')]), unitIds: [1] });
  const fixed = await listOf('Fixed', { unitIds: [1] });
  const contactIds = [of0._id, of1._id];
  expect(await addToList(room.jobs, { list: fixed, contactIds, scope: null })).toEqual([
    'OTHER_UNIT',
    'CHANGED',
  ]);
  expect(await addToList(room.jobs, { list: fixed, contactIds, scope: [0] })).toEqual([
    'OTHER_UNIT',
    'NO_CONTACT',
  ]);
  expect(await membersBy(active)).toEqual([of1._id, ofBoth._id].sort());
  expect(await membersBy(active, [1])).toEqual([of1._id, ofBoth._id].sort());
  expect(await membersBy(active, [0])).toEqual([]);
  expect(await findLists(room.jobs, [0])).toEqual([]);
  await expect(getList(room.jobs, { listId: active._id, scope: [0] })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const foreign = allOf([is('unit', '0')]);
  expect(await refilter(active, foreign)).toMatchObject({ faults: [{ field: 'filter' }] });
  const byLimited = { name: 'X', kind: 'STATIC' as const, unitIds: null, by: 'user:2', scope: [1] };
  expect(await createList(room.jobs, byLimited)).toMatchObject({ faults: [{ field: 'unitIds' }] });
  // Names of lists that the user does not see are free.
  const sameName = { ...byLimited, name: 'Of one', unitIds: [0], scope: [0] };
  expect(await createList(room.jobs, sameName)).toHaveProperty('list');
});

it('two changes at once: the second one is stale', async () => {
  const list = await listOf('A', { filter: allOf([is('language', 'nb')]) });
  expect(await changeList(room.jobs, list, { name: 'B' }, null)).toBe('SAVED');
  expect(await changeList(room.jobs, list, { name: 'C' }, null)).toBe('STALE');
  expect(
    await createList(room.jobs, { name: ' b ', kind: 'STATIC', unitIds: null, by: 'u', scope: null }),
  ).toMatchObject({
    faults: [{ field: 'name' }],
  });
});

it('a job adds all that match to a list, and after the list was deleted a job removes its marks', async () => {
  const list = await listOf('A');
  await room.crowd(600);
  room.later(1);
  const selection = { kind: 'FILTER' as const, filter: { any: [] }, search: '' };
  await room.queue({ id: 'add', ...wantedOf(editList, { selection, listId: list._id, isRemoval: false }) });
  await room.work();
  expect(await room.the('add')).toMatchObject({
    state: 'DONE',
    counts: { changed: 600, unchanged: 0, refused: 0 },
  });
  expect(
    await countContacts(room.jobs, { filter: membersOf(list._id), scope: null, search: '' }),
  ).toMatchObject({ count: 600 });
  expect(await deleteList(room.jobs, list)).toEqual([]);
  await queueJob(room.jobs, {
    id: 'clear',
    ...wantedOf(clearList, { deletedListId: list._id }),
    scope: null,
    notBefore: new Date(0),
  });
  await room.work();
  expect(await room.the('clear')).toMatchObject({ state: 'DONE', counts: { changed: 600 } });
  expect(await room.models.contacts.countDocuments({ listIds: list._id })).toBe(0);
}, 30_000);
