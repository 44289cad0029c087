/** The contacts index: search, filters, sorting, paging, saved views, and what each role and scope sees of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import type { ContactForm } from '../../../src/domain/contacts/contact-form.js';
import { createContact } from '../../../src/domain/contacts/save.js';
import { roles } from '../../../src/vocabulary/access.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { blankForm, made, staff } from '../../support/contact-room.js';
import { charlie, fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

let portal: TestPortal;
let marketer: StaffVisitor;
beforeAll(async () => {
  portal = await openTestPortal();
  marketer = await signedIn(portal, 'marketer');
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
});
afterAll(() => portal.stop());

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
const open = (query = '') => marketer.open(adminPaths.contacts(query));

it('shows fifty by name, and the next ones behind a link', async () => {
  const first = await open();
  expect(first.text).toContain('63 contacts');
  expect(namesOn(first)).toHaveLength(50);
  expect(namesOn(first).slice(0, 2)).toEqual(['Charlie Berg', 'Guest 10 Aas']);
  const second = await marketer.open(linkOn(first, 'next') ?? '');
  expect(namesOn(second)).toHaveLength(13);
  expect(namesOn(second).slice(-2)).toEqual(['Nora Vik', 'Per Dal']);
  expect(linkOn(second, 'next')).toBeUndefined();
  expect(namesOn(await marketer.open(linkOn(second, 'prev') ?? ''))).toEqual(namesOn(first));
});

it('pages stay in place while contacts are added: nobody is shown twice, and nobody is left out', async () => {
  const first = await open();
  const added = await add({ firstName: 'Aaron', lastName: 'Lie', email: 'aaron@example.com' });
  const second = await marketer.open(linkOn(first, 'next') ?? '');
  const all = [...namesOn(first), ...namesOn(second)];
  expect(new Set(all).size).toBe(63);
  await portal.deps.models.contacts.deleteOne({ _id: added._id });
});

it('sorts by name, e-mail and the day it was added, either way', async () => {
  expect(namesOn(await open('dir=desc'))[0]).toBe('Per Dal');
  expect(namesOn(await open('sort=email&dir=desc')).slice(0, 2)).toEqual(['Per Dal', 'Nora Vik']);
  expect(namesOn(await open('sort=added'))[0]).toBe('Charlie Berg');
  expect((await open('sort=added')).html).toMatch(/aria-sort="ascending"/);
});

it('finds by the beginning of a name, an address or a number', async () => {
  expect(namesOn(await open('q=nor'))).toEqual(['Nora Vik']);
  expect(namesOn(await open('q=charlie%40example.com'))).toEqual(['Charlie Berg']);
  expect(namesOn(await open('q=%2B4741234511'))).toEqual(['Guest 11 Aas']);
  expect((await open('q=zzz')).text).toContain('Nobody is found for “zzz”');
});

it('filters by one thing after another, says what is in use, and takes it away again', async () => {
  const norwegian = await marketer.press(await open(), /^Show$/, { f: 'locale:nb' });
  expect(namesOn(norwegian)).toEqual(['Charlie Berg']);
  expect(norwegian.text).toContain('Take away the filter Language: Norwegian Bokmål');
  expect(norwegian.text).toContain('1 contact matches');
  const none = await marketer.press(norwegian, /^Show$/, { f: ['locale:nb', 'property:city=oslo'] });
  expect(none.text).toContain('Nobody matches all of these');
  expect(namesOn(await open('f=property:city%3Doslo'))).toEqual(['Nora Vik']);
});

it('a second language takes the place of the first', async () => {
  const page = await open('f=locale:nb&f=locale:de');
  expect(page.text).toContain('Language: German');
  expect(page.text).not.toContain('Take away the filter Language: Norwegian');
});

it('says how things stand at a glance', async () => {
  expect((await open('q=charlie')).text).toMatch(/Opted out of|Opted out of all/);
  expect((await open('q=nora')).text).toContain('Nothing specified');
});

describe('saved views', () => {
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

  it('need a name; what is missing is said beside the same page', async () => {
    const page = await marketer.press(await open('f=locale:nb'), /^Save view$/, { name: ' ' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('href="#view-name"');
    expect(namesOn(page)).toEqual(['Charlie Berg']);
  });

  it('are one’s own until they are shared, and others may open but not delete them', async () => {
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

it.each(roles)('%s limited to one unit sees, counts and finds its contacts alone', async (role) => {
  const limited = await signedIn(portal, role, [northwind.id]);
  const page = await limited.open(adminPaths.contacts());
  expect(page.text).toContain('62 contacts');
  expect(page.text).not.toContain('Per Dal');
  expect(page.text).not.toContain(fjell.name);
  expect(namesOn(await limited.open(adminPaths.contacts('q=per')))).toEqual([]);
  const other = await limited.open(adminPaths.contacts(`f=unit:${fjell.id}`));
  expect(other.text).toContain('No contacts');
  const ofFjell = await signedIn(portal, role, [fjell.id]);
  expect(namesOn(await ofFjell.open(adminPaths.contacts()))).toEqual(['Per Dal']);
});

it('check boxes are for those who may work on many', async () => {
  expect((await open()).html).toContain('name="contact"');
  for (const role of ['support', 'auditor'] as const) {
    const page = await (await signedIn(portal, role)).open(adminPaths.contacts());
    expect(page.html).not.toContain('name="contact"');
  }
});
