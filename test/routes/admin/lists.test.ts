/** The pages of lists: made, given a filter condition by condition, saved, searched, used on a record, and deleted. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { membersOf } from '../../../src/domain/lists/lists.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');

const theList = async (name: string) => {
  const list = await portal.deps.models.lists.findOne({ name }).lean();
  if (!list) expect.fail('there is no such list');
  return list;
};
const make = async (name: string, kind: 'STATIC' | 'ACTIVE') => {
  const page = await marketer.open(adminPaths.newList());
  return marketer.press(page, /^Create list$/, { name, kind, reach: 'all' });
};

it('an active list gets its filter condition by condition, and keeps it when it is saved', async () => {
  await contactIn(portal, { email: 'nb@example.com', locale: 'nb' });
  expect((await make('Norwegian', 'ACTIVE')).status).toBe(200);
  const { _id } = await theList('Norwegian');
  const fields = await marketer.open(adminPaths.list(_id, { edit: '0.0', on: 'language:' }));
  const draft = await marketer.press(fields, /^Apply$/, { is: 'IS', value: ['nb'] });
  expect(draft.text).toContain('Not saved yet');
  expect((await theList('Norwegian')).filter).toEqual({ any: [] });
  await marketer.press(draft, /^Save list$/);
  const condition = { on: 'language', of: '', is: 'IS', values: ['nb'] };
  expect((await theList('Norwegian')).filter).toEqual({ any: [{ all: [condition] }] });
  expect((await marketer.press(draft, /^Save list$/)).status).toBe(422);
  const members = await marketer.open(adminPaths.contacts(`filter=${JSON.stringify(membersOf(_id))}`));
  expect(members.text).toContain('nb@example.com');
  const wrong = await marketer.press(fields, /^Apply$/, { is: 'IS', value: [] });
  expect(wrong.status).toBe(422);
});

it('the index finds lists by name and kind, and a second list of a name is refused', async () => {
  await make('Trail readers', 'STATIC');
  expect((await make('trail  readers', 'STATIC')).status).toBe(422);
  const found = await marketer.open(adminPaths.lists({ name: 'TRAIL' }));
  expect(found.text).toContain('Trail readers');
  expect(found.text).not.toContain('Norwegian');
  expect((await marketer.open(adminPaths.lists({ kind: 'ACTIVE' }))).text).not.toContain('Trail readers');
});

it('a contact is added to a list and removed on its record, and an old page changes nothing else', async () => {
  const { _id: listId } = await theList('Trail readers');
  await make('Guests', 'STATIC');
  const { _id: otherId } = await theList('Guests');
  const contact = await contactIn(portal, { email: 'reader@example.com' });
  const old = await marketer.open(adminPaths.contactLists(contact._id));
  await marketer.press(old, /^Save lists$/, { list: [listId] });
  const idsNow = async () => (await portal.deps.models.contacts.findById(contact._id).lean())?.listIds;
  expect(await idsNow()).toEqual([listId]);
  await marketer.press(old, /^Save lists$/, { list: [otherId] });
  expect(await idsNow()).toEqual([listId, otherId]);
  const page = await marketer.open(adminPaths.contactLists(contact._id));
  await marketer.press(page, /^Save lists$/, { list: [otherId] });
  expect(await idsNow()).toEqual([otherId]);
});

it('selected contacts are added to a list by a job', async () => {
  const { _id: listId } = await theList('Trail readers');
  const { _id } = await contactIn(portal, { email: 'bulk@example.com' });
  const page = await marketer.open(adminPaths.newListEdit({ contact: _id }));
  await marketer.press(page, /1 contact$/, { list: listId });
  const job = await portal.deps.models.jobs.findOne({ kind: 'EDIT_LIST' }).lean();
  expect(job?.input).toEqual({ selection: { kind: 'IDS', ids: [_id] }, listId, isRemoval: false });
  // The job names the list, so the list is in use until the job has ended.
  const list = await marketer.open(adminPaths.list(listId));
  expect(list.forms.some(({ buttons }) => buttons.some(({ label }) => label === 'Delete list'))).toBe(false);
});

it('a list that nothing uses is deleted', async () => {
  const { _id } = await theList('Norwegian');
  await marketer.press(await marketer.open(adminPaths.list(_id)), /^Delete list$/);
  expect(await portal.deps.models.lists.findById(_id).lean()).toBeNull();
});

it('users who are limited to a unit make lists of it, and see no others', async () => {
  const limited = await signedIn(portal, 'marketer', [fjell.id]);
  expect((await limited.open(adminPaths.lists())).text).not.toContain('Trail readers');
  const page = await limited.open(adminPaths.newList());
  await limited.press(page, /^Create list$/, {
    name: 'Trail readers',
    kind: 'STATIC',
    unit: [String(fjell.id)],
  });
  const own = await portal.deps.models.lists.findOne({ unitIds: [fjell.id] }).lean();
  expect((await limited.open(adminPaths.list(own?._id ?? ''))).status).toBe(200);
  const other = await signedIn(portal, 'marketer', [northwind.id]);
  expect((await other.open(adminPaths.list(own?._id ?? ''))).status).toBe(404);
});
