/** The contacts index: search, filters, sorting, paging, saved views, and what each role and scope sees. */
import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import type { ContactForm } from '../../../src/domain/contacts/contact-form.js';
import { createContact } from '../../../src/domain/contacts/save.js';
import { roles } from '../../../src/vocabulary/access.js';
import { openTestPortal } from '../../support/app.js';
import { blankForm, made, staff } from '../../support/contact-room.js';
import { charlie, fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');
await portal.deps.models.contacts.deleteMany({});
await portal.deps.models.subscribers.updateMany({}, { $set: { contactId: null } });
await add({ firstName: 'Charlie', lastName: 'Berg', email: charlie.address, locale: 'nb' });
await add({ firstName: 'Nora', lastName: 'Vik', email: 'nora@example.com', properties: { city: 'Oslo' } });
await add({ firstName: 'Per', lastName: 'Dal', email: 'per@fjell.example', unitIds: [fjell.id] });
for (let count = 10; count < 70; count++)
  await add({
    firstName: `Guest ${count}`,
    lastName: 'Aas',
    email: `guest${count}@example.com`,
    phone: `+47412345${count}`,
  });

async function add(form: Partial<ContactForm>) {
  return made(await createContact(portal.deps, { scope: null, form: { ...blankForm, ...form }, by: staff }));
}

/** Names of the rows, in order. */
const namesOn = ({ html }: Answer) =>
  [...html.matchAll(/class="who-cell"><a [^>]*><strong>([^<]+)/g)].map(([, name]) => name);
const linkOn = ({ html }: Answer, rel: 'next' | 'prev') => {
  const href = new RegExp(`rel="${rel}" href="([^"]+)"`).exec(html)?.[1];
  return href?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
};
async function followLink({ html }: Answer, words: RegExp): Promise<Answer> {
  const links = load(html)('a').toArray();
  const link = links.find((one) => words.test(load(one).text()));
  if (!link) throw new Error(`no link ${String(words)}`);
  return marketer.open((link.attribs['href'] ?? '').replace(/#.*$/, ''));
}
const open = (query = '') => marketer.open(adminPaths.contacts(query));

it('the index shows fifty contacts by name, and links to the next page', async () => {
  const first = await open();
  expect(first.text).toContain('1 to 50 of 63 contacts');
  expect(namesOn(first)).toHaveLength(50);
  expect(namesOn(first).slice(0, 2)).toEqual(['Charlie Berg', 'Guest 10 Aas']);
  const second = await marketer.open(linkOn(first, 'next') ?? '');
  expect(second.text).toContain('51 to 63 of 63 contacts');
  expect(namesOn(second)).toHaveLength(13);
  expect(namesOn(second).slice(-2)).toEqual(['Nora Vik', 'Per Dal']);
  expect(linkOn(second, 'next')).toBeUndefined();
  expect(namesOn(await marketer.open(linkOn(second, 'prev') ?? ''))).toEqual(namesOn(first));
});

it('index pages repeat and omit no contact while contacts are added', async () => {
  const first = await open();
  const added = await add({ firstName: 'Aaron', lastName: 'Lie', email: 'aaron@example.com' });
  const second = await marketer.open(linkOn(first, 'next') ?? '');
  const all = [...namesOn(first), ...namesOn(second)];
  expect(new Set(all).size).toBe(63);
  await portal.deps.models.contacts.deleteOne({ _id: added._id });
});

it('the index sorts by name, e-mail and date added, in both directions', async () => {
  expect(namesOn(await open('dir=desc'))[0]).toBe('Per Dal');
  expect(namesOn(await open('sort=email&dir=desc')).slice(0, 2)).toEqual(['Per Dal', 'Nora Vik']);
  expect(namesOn(await open('sort=added'))[0]).toBe('Charlie Berg');
  expect((await open('sort=added')).html).toMatch(/aria-sort="ascending"/);
});

it('the index finds the beginning of a name, an address or a number', async () => {
  expect(namesOn(await open('q=nor'))).toEqual(['Nora Vik']);
  expect(namesOn(await open('q=charlie%40example.com'))).toEqual(['Charlie Berg']);
  expect(namesOn(await open('q=%2B4741234511'))).toEqual(['Guest 11 Aas']);
  expect((await open('q=zzz')).text).toContain('No contact is found for “zzz”');
});

it('the index combines filter conditions, lists them, and removes each', async () => {
  const choice = await marketer.press(await followLink(await open(), /Add a filter/), /^Continue$/, {
    on: 'language:',
  });
  const norwegian = await marketer.press(choice, /^Apply$/, { is: 'IS', value: ['nb'] });
  expect(namesOn(norwegian)).toEqual(['Charlie Berg']);
  expect(norwegian.text).toContain('Remove the condition Language is Norwegian Bokmål');
  expect(norwegian.text).toContain('1 to 1 of 1 contact');
  const second = await marketer.press(await followLink(norwegian, /Add a condition/), /^Continue$/, {
    on: 'property:city',
  });
  const none = await marketer.press(second, /^Apply$/, { is: 'CONTAINS', value: 'OSL' });
  expect(none.text).toContain('No contact matches this filter');
  const third = await marketer.press(await followLink(none, /Add a group/), /^Continue$/, {
    on: 'name:',
  });
  const either = await marketer.press(third, /^Apply$/, { is: 'STARTS_WITH', value: 'per' });
  expect(namesOn(either)).toEqual(['Per Dal']);
  const changed = await marketer.press(await followLink(either, /Change the condition Name/), /^Apply$/, {
    ...{ is: 'IS', value: 'per dal; nora vik' },
  });
  expect(namesOn(changed)).toEqual(['Nora Vik', 'Per Dal']);
  expect(namesOn(await followLink(changed, /Clear all/))).toHaveLength(50);
});

it('a faulty filter condition keeps what was typed and says what is wrong', async () => {
  const editor = await open('edit=0.0&on=created:');
  const page = await marketer.press(editor, /^Apply$/, { is: 'BETWEEN', value: '2026-03-01', to: '' });
  expect(page.status).toBe(422);
  expect(page.html).toMatch(/href="#value"/);
  expect(page.html).toContain('value="BETWEEN" class="takes-TWO" selected');
  expect(page.html).toContain('value="2026-03-01"');
});

it('a plain search opens no filter editor, and a condition on an unknown value finds no contact', async () => {
  expect((await open('q=nor')).html).not.toContain('class="body condition"');
  const filter = { any: [{ all: [{ on: 'status', of: '4711', is: 'IS_NOT', values: ['SUBSCRIBED'] }] }] };
  const page = await open(new URLSearchParams({ filter: JSON.stringify(filter) }).toString());
  expect(namesOn(page)).toEqual([]);
  expect(page.text).toContain('Something that does not exist');
  expect((await open('filter=x')).status).toBe(400);
});

it('filter links of older releases still work', async () => {
  expect(namesOn(await open('f=property:city%3Doslo'))).toEqual(['Nora Vik']);
});

it('the index shows each contact’s state in one line', async () => {
  expect((await open('q=charlie')).text).toMatch(/Opted out of|Opted out of all/);
  expect((await open('q=nora')).text).toContain('Nothing specified');
});

describe('saved views of the index', () => {
  it('are saved under a name, opened and deleted', async () => {
    const page = await open('f=locale:nb');
    const saved = await marketer.press(page, /^Save view$/, { name: 'Norwegians' });
    expect(saved.text).toContain('The view is saved.');
    const index = await open();
    expect(index.html).toContain('>Norwegians');
    const deleted = await marketer.press(await open('f=locale:nb'), /Delete the view “Norwegians”/);
    expect(deleted.text).toContain('The view was deleted.');
    expect((await open()).html).not.toContain('>Norwegians');
  });

  it('are replaced by another view of the same name only where its box is ticked', async () => {
    const { savedViews } = portal.deps.models;
    await marketer.press(await open('f=locale:nb'), /^Save view$/, { name: 'Language', isShared: 'yes' });
    const before = await savedViews.findOne({ name: 'Language' }).lean();
    const refused = await marketer.press(await open('f=locale:de'), /^Save view$/, { name: 'Language' });
    expect(refused.status).toBe(422);
    expect(await savedViews.findOne({ name: 'Language' }).lean()).toEqual(before);
    await marketer.press(refused, /^Save view$/, { isReplacing: 'yes' });
    const after = await savedViews.findOne({ name: 'Language' }).lean();
    expect(after).toMatchObject({ _id: before?._id, isShared: false });
    expect(after?.query).not.toBe(before?.query);
    await savedViews.deleteOne({ name: 'Language' });
  });

  it('need a name, and the same page shows the fault', async () => {
    const page = await marketer.press(await open('f=locale:nb'), /^Save view$/, { name: ' ' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('href="#view-name"');
    expect(namesOn(page)).toEqual(['Charlie Berg']);
  });

  it('are private until shared; other users may open but not delete them', async () => {
    const colleague = await signedIn(portal, 'support');
    await marketer.press(await open('f=locale:nb'), /^Save view$/, { name: 'Mine' });
    expect((await colleague.open(adminPaths.contacts())).html).not.toContain('>Mine');
    await marketer.press(await open('f=locale:de'), /^Save view$/, { name: 'Ours', isShared: 'yes' });
    const shared = await colleague.open(adminPaths.contacts('f=locale:de'));
    expect(shared.html).toContain('>Ours');
    expect(shared.text).not.toContain('Delete the view');
    const view = await portal.deps.models.savedViews.findOne({ name: 'Ours' }).lean();
    expect((await colleague.post(adminPaths.viewDeletions(view?._id ?? ''), {})).status).toBe(404);
    expect(await portal.deps.models.savedViews.countDocuments({ name: 'Ours' })).toBe(1);
  });
});

it.each(roles)('%s limited to one unit sees, counts and finds only its contacts', async (role) => {
  const limited = await signedIn(portal, role, [northwind.id]);
  const page = await limited.open(adminPaths.contacts());
  expect(page.text).toContain('1 to 50 of 62 contacts');
  expect(page.text).not.toContain('Per Dal');
  expect(page.text).not.toContain(fjell.name);
  expect(namesOn(await limited.open(adminPaths.contacts('q=per')))).toEqual([]);
  const other = await limited.open(adminPaths.contacts(`f=unit:${fjell.id}`));
  expect(other.text).toContain('No contacts');
  const ofFjell = await signedIn(portal, role, [fjell.id]);
  expect(namesOn(await ofFjell.open(adminPaths.contacts()))).toEqual(['Per Dal']);
});

it('the index has check boxes only for roles that may do bulk work', async () => {
  expect((await open()).html).toContain('name="contact"');
  for (const role of ['support', 'auditor'] as const) {
    const page = await (await signedIn(portal, role)).open(adminPaths.contacts());
    expect(page.html).not.toContain('name="contact"');
  }
});
