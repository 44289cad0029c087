/** The steps of a contact import before its check: what is offered and proposed, faults beside their fields, and new properties. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { defineProperties, mostDefinitions } from '../../../src/domain/catalogue/properties.js';
import { readPropertyDefinitions } from '../../../src/models/setting.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { documentOf } from '../../support/forms.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../support/people.js';
import { signedIn, type StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal();
const admin = await signedIn(portal, 'admin');
const marketer = await signedIn(portal, 'marketer', [northwind.id]);

/** Uploads a file of contacts for Northwind. @returns the page of its columns */
async function columnsOf(visitor: StaffVisitor, lines: readonly string[], unit = String(northwind.id)) {
  const step = await visitor.open(adminPaths.importFile({ kind: 'CONTACTS', unit: String(northwind.id) }));
  const fields = Object.fromEntries(step.forms.at(-1)?.fields ?? []);
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...fields, unit })) body.append(name, value);
  body.append('file', new File([lines.join('\n')], 'contacts.csv'));
  const { status, location } = await visitor.ask('POST', adminPaths.imports(), body);
  return { status, location: location ?? '', page: await visitor.open(location ?? '') };
}

const chosen = ({ html }: Answer) => {
  const page = documentOf(html);
  return page('select[id^=column-]')
    .map((_, field) => page(field).val()?.toString() ?? '')
    .get();
};
const offeredBy = ({ html }: Answer) => {
  const page = documentOf(html);
  return page('#column-0 option')
    .map((_, option) => page(option).attr('value') ?? '')
    .get();
};
const faultsOf = ({ html }: Answer) => {
  const page = documentOf(html);
  return page('#faults a')
    .map((_, link) => page(link).attr('href') ?? '')
    .get();
};

const lines = [
  'Fornavn;E-post;Shoe size;Note',
  'Kari;kari@kunde.example;38;',
  'Ola;ola@kunde.example;44;tall',
];

it('proposes each column by its name, with the chosen business unit', async () => {
  const { page } = await columnsOf(marketer, lines);
  expect(chosen(page)).toEqual(['firstName', 'email', '', '']);
  expect(documentOf(page.html)('#unitIds :checked').val()).toBe(String(northwind.id));
});

it('offers users their own business units, properties and subscription types only', async () => {
  await contactIn(portal, { email: 'guest@fjell.example', unitIds: [fjell.id], properties: { Rooms: '2' } });
  const own = offeredBy((await columnsOf(marketer, lines)).page);
  expect(own).toContain(`subscription:${trailNotes.id}`);
  expect(own).not.toContain(`subscription:${weekendLetters.id}`);
  expect(own).not.toContain('property:Rooms');
  expect(offeredBy((await columnsOf(admin, lines)).page)).toEqual(
    expect.arrayContaining([`subscription:${weekendLetters.id}`, 'property:Rooms']),
  );
  expect((await columnsOf(marketer, lines, String(fjell.id))).location).toBe(adminPaths.importUnit());
});

it('names a column that says who opted out, which the import leaves alone', async () => {
  const header = 'Email;Unsubscribed from all email';
  const { page } = await columnsOf(marketer, [header, 'kari@kunde.example;true']);
  expect(chosen(page)).toEqual(['email', '']);
  expect(documentOf(page.html)('main > p, main header p').text()).toContain('as an opt-out list');
  const plain = (await columnsOf(marketer, lines)).page;
  expect(documentOf(plain.html)('main').text()).not.toContain('as an opt-out list');
});

it('asks for a business unit, and keeps the kind of import', async () => {
  const page = await marketer.open(adminPaths.importFile({ kind: 'CONTACTS' }));
  expect(page.status).toBe(422);
  expect(faultsOf(page)).toEqual(['#unit']);
  expect(page.forms.at(-1)?.fields).toContainEqual(['kind', 'CONTACTS']);
});

it('shows faults beside their fields, with what was typed', async () => {
  const { page, location } = await columnsOf(marketer, lines);
  const sent = {
    ...{ 'column-0': 'email', 'column-2': 'new:TEXT', 'name-2': '12 points' },
    ...{ 'column-3': `subscription:${trailNotes.id}`, unitIds: null },
  };
  const again = await marketer.press(page, /Continue/, sent);
  expect(again.status).toBe(422);
  expect(faultsOf(again)).toEqual(['#column-1', '#name-2', '#legalBasis', '#explanation', '#unitIds']);
  expect(chosen(again)).toEqual(['email', 'email', 'new:TEXT', `subscription:${trailNotes.id}`]);
  expect(documentOf(again.html)('#name-2').val()).toBe('12 points');
  const id = location.split('/').at(-2);
  expect(await portal.deps.models.imports.findById(id).lean()).toMatchObject({ state: 'CHOOSING' });
});

it('a choice without faults is kept, and the check begins', async () => {
  const { page, location } = await columnsOf(marketer, lines);
  const sent = {
    'column-2': 'new:TEXT',
    'name-2': 'Shoes',
    emptyClears: 'yes',
    dateOrder: 'MDY',
    decimalMark: 'COMMA',
  };
  await marketer.press(page, /Continue/, sent);
  const id = location.split('/').at(-2);
  expect(await portal.deps.models.imports.findById(id).lean()).toMatchObject({
    ...{ kind: 'CONTACTS', state: 'CHECKING', scope: [northwind.id] },
    choice: {
      contacts: {
        ...{ unitIds: [northwind.id], emptyClears: true, dateOrder: 'MDY', decimalMark: 'COMMA' },
        columns: [
          { index: 0, to: 'firstName' },
          { index: 1, to: 'email' },
          { index: 2, to: 'property:Shoes' },
        ],
      },
    },
  });
  const resumed = await marketer.open(location);
  expect(chosen(resumed)).toEqual(['firstName', 'email', 'new:TEXT', '']);
  expect(documentOf(resumed.html)('#name-2').val()).toBe('Shoes');
});

it('a new property gets its type from users who may change the settings, and from no other', async () => {
  const typed = { 'column-2': 'new:NUMBER' };
  const refused = await marketer.press((await columnsOf(marketer, lines)).page, /Continue/, typed);
  expect(faultsOf(refused)).toEqual(['#column-2']);
  expect(offeredBy(refused)).not.toContain('new:NUMBER');
  expect((await portal.deps.catalogue()).properties.size).toBe(0);

  const { page, location } = await columnsOf(admin, lines);
  await admin.press(page, /Continue/, typed);
  expect([...(await portal.deps.catalogue()).properties.values()]).toMatchObject([
    { name: 'Shoe size', kind: 'NUMBER' },
  ]);
  expect(chosen(await admin.open(location))).toEqual(['firstName', 'email', 'property:Shoe size', '']);
});

it('of many columns, those that are not imported are folded, and a fault opens them', async () => {
  const names = Array.from({ length: 60 }, (_, at) => (at === 41 ? 'E-post' : `Answer ${at}`));
  const { page } = await columnsOf(marketer, [names.join(';'), names.map((_, at) => `v${at}`).join(';')]);
  const document = documentOf(page.html);
  expect(document('details:not([open]) select[id^=column-]').length).toBe(59);
  expect(document('#column-41').parents('details').length).toBe(0);
  const again = await marketer.press(page, /Continue/, { 'column-5': 'email' });
  expect(faultsOf(again)).toEqual(['#column-41']);
  expect(documentOf(again.html)('#column-5').parents('details').length).toBe(0);
});

it('of a sheet with hundreds of columns, the page has 200, and all that are imported', async () => {
  const names = Array.from({ length: 300 }, (_, at) => (at === 299 ? 'E-post' : `Answer ${at}`));
  const { page } = await columnsOf(marketer, [names.join(';'), names.map((_, at) => `v${at}`).join(';')]);
  const document = documentOf(page.html);
  expect(document('select[id^=column-]').length).toBe(200);
  expect(document('#column-299').val()).toBe('email');
});

it('an import of all business units does not exist for users of one', async () => {
  const { location } = await columnsOf(admin, lines);
  const id = location.split('/').at(-2) ?? '';
  const paths = [adminPaths.import(id), adminPaths.importColumn(id), adminPaths.importUndo(id)];
  for (const path of paths) expect((await marketer.open(path)).status).toBe(404);
  for (const path of [
    ...[adminPaths.importReadings(id), adminPaths.importChecks(id), adminPaths.importConfirmation(id)],
    ...[adminPaths.importRowResults(id), adminPaths.importRejectedRows(id), adminPaths.importUndo(id)],
  ])
    expect((await marketer.post(path, { revision: '2' })).status).toBe(404);
  expect((await marketer.open(adminPaths.imports())).html).not.toContain(id);
});

it('is confirmed also if only the later rows of an address may change something, such as an opt-out', async () => {
  const { location } = await columnsOf(marketer, lines);
  const id = location.split('/').at(-2) ?? '';
  const none = { created: 0, changed: 0, unchanged: 1, rejected: 0, optIns: 0, optOuts: 0, refusedOptIns: 0 };
  const action = adminPaths.importConfirmation(id);
  for (const repeated of [1, 0]) {
    const contactCounts = { ...none, rows: 1 + repeated, repeated };
    await portal.deps.models.imports.updateOne({ _id: id }, { $set: { state: 'CHECKED', contactCounts } });
    const document = documentOf((await marketer.open(adminPaths.import(id))).html);
    expect(document(`form[action="${action}"]`).length).toBe(repeated);
  }
});

it('new properties get their types all together, or none of them', async () => {
  const { page } = await columnsOf(admin, lines);
  const { settings } = portal.deps.models;
  const filled = Array.from({ length: mostDefinitions - 1 }, (_, at) => `Field ${at}`);
  const { version } = await readPropertyDefinitions(settings);
  const definitions = filled.map((name) => ({ name, kind: 'NUMBER' as const, choices: [] }));
  await defineProperties(portal.deps, version, definitions);
  const typed = { 'column-2': 'new:NUMBER', 'name-2': 'Left', 'column-3': 'new:DATE', 'name-3': 'Behind' };
  expect(faultsOf(await admin.press(page, /Continue/, typed))).toEqual(['#column-2']);
  const { definitions: after } = await readPropertyDefinitions(settings);
  expect(after.map(({ name }) => name)).not.toContain('Left');
});
