/** The import of contacts from its file to its result: what is created, changed, left alone and rejected, and the scope. */
import { describe, expect, it } from 'vitest';
import { contactResults, rejectedRows } from '../../../src/domain/imports/list-file.js';
import { confirmImport } from '../../../src/domain/imports/start.js';
import { undoImport } from '../../../src/domain/imports/undo.js';
import type { ContactChoice } from '../../../src/models/contact-import.js';
import type { Contact } from '../../../src/models/contact.js';
import { findImport, findImports } from '../../../src/models/import.js';
import { addressesOfEachTest, openContactImportRoom, rowsOfText } from '../../support/contact-import-room.js';
import { worldWith } from '../../support/judge.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';

const room = await openContactImportRoom();

const all = ({ _id: id }: { _id: string }) => ({ id, scope: null });
const at = addressesOfEachTest();

describe('contacts', () => {
  it('are created, updated in the mapped columns only, left alone, or rejected, as the check expects', async () => {
    const known = await room.contact({
      ...{ email: at('ann'), firstName: 'Ann', lastName: 'Old', locale: 'nb', properties: { City: 'Oslo' } },
    });
    await room.contact({ email: at('bob'), firstName: 'Bob', lastName: 'Lee' });
    const lines = [
      'E-mail,First name,Last name,Shoe size,city',
      `${at('ANN')},Ann,New,38,Bergen`,
      `${at('bob')},Bob,Lee,40,`,
      `Cara <${at('cara')}>,Cara,,39,Rome`,
      'no address,Dan,,,',
      `${at('eva')},${'x'.repeat(101)},,,`,
    ];
    const columns: ContactChoice['columns'] = [
      ...([
        { index: 0, to: 'email' },
        { index: 1, to: 'firstName' },
        { index: 2, to: 'lastName' },
      ] as const),
      { index: 4, to: 'property:city' },
    ];
    const checked = await room.prepared(lines, { columns });
    const expected = { rows: 5, created: 1, changed: 1, unchanged: 1, rejected: 2, repeated: 0 };
    expect(checked).toMatchObject({ state: 'CHECKED', kind: 'CONTACTS', contactCounts: expected });
    expect(await room.contactOf(at('cara')), 'the check writes nothing').toBeNull();
    const rejected = await rowsOfText(await rejectedRows(room.imports, all(checked)));
    expect(rejected.map(([line, value]) => [line, value])).toEqual([
      ...[
        ['Line', 'Value'],
        ['5', 'no address'],
        ['6', at('eva')],
      ],
    ]);
    const nothing = await room.prepared(['E-mail', 'no address', 'none']);
    expect(nothing).toMatchObject({ state: 'REFUSED', contactCounts: { rows: 2, rejected: 2 } });
    await room.confirmed(checked);
    await room.workNow();
    const done = await room.theImport(checked._id);
    expect(done).toMatchObject({ state: 'DONE', contactResult: expected });
    const ann = await room.contactOf(at('ann'));
    expect(ann).toMatchObject({
      _id: known._id,
      lastName: 'New',
      locale: 'nb',
      properties: { City: 'Bergen' },
    });
    const cara = await room.contactOf(at('cara'));
    expect(cara).toMatchObject({
      ...{ firstName: 'Cara', unitIds: [northwind.id], properties: { city: 'Rome' }, version: 1 },
      ...{ source: 'IMPORT', createdBy: `import:${done._id}` },
    });
    const results = await rowsOfText(await contactResults(room.imports, all(done)));
    expect(results.map(([line, address, outcome]) => [line, address, outcome])).toEqual([
      ['Line', 'Address', 'Contact'],
      ['2', at('ANN'), 'Updated'],
      ['3', at('bob'), 'Unchanged'],
      ['4', `Cara <${at('cara')}>`, 'Created'],
      ['5', 'no address', 'Rejected'],
      ['6', at('eva'), 'Rejected'],
    ]);
    expect(results[5]?.[4], 'a reason').toBeTruthy();
  });

  it('lose a value by an empty cell only if the switch says so', async () => {
    const form = { firstName: 'Ann', lastName: 'Lee', phone: '+4790000001', properties: { city: 'Oslo' } };
    await room.contact({ email: at('ann'), ...form });
    const lines = ['E-mail,First name,Phone,city', `${at('ann')},,,`];
    const kept = await room.importedContacts(lines);
    expect(kept.contactResult).toMatchObject({ unchanged: 1 });
    const cleared = await room.importedContacts(lines, { emptyClears: true });
    expect(cleared.contactResult).toMatchObject({ changed: 1 });
    expect(await room.contactOf(at('ann'))).toMatchObject({
      ...{ firstName: '', lastName: 'Lee', phone: null, properties: {}, unitIds: [northwind.id] },
    });
  });

  it('get typed properties as people write them, and are rejected with a value that does not fit', async () => {
    const definitions = [
      { name: 'Born', kind: 'DATE', choices: [] },
      { name: 'Spent', kind: 'NUMBER', choices: [] },
      { name: 'Member', kind: 'YES_NO', choices: [] },
      { name: 'Size', kind: 'CHOICE', choices: ['Small', 'Large'] },
    ] as const;
    const properties = new Map(
      definitions.map((one) => [one.name.toLowerCase(), { ...one, choices: [...one.choices] }]),
    );
    room.setCatalogue({ ...worldWith(), properties });
    const lines = [
      'E-mail;Born;Spent;Member;Size',
      `${at('a')};31.03.1980;1 234,50;Ja;large`,
      `${at('b')};1980-02-30;;;`,
      `${at('c')};;12 apples;;`,
      `${at('d')};;;perhaps;`,
      `${at('e')};;;;Medium`,
    ];
    const columns = ['email', 'property:Born', 'property:Spent', 'property:Member', 'property:Size'].map(
      (to, index) => ({ index, to }) as ContactChoice['columns'][number],
    );
    const one = await room.importedContacts(lines, { columns });
    expect(one.contactResult).toMatchObject({ created: 1, rejected: 4 });
    expect((await room.contactOf(at('a')))?.properties).toEqual({
      ...{ Born: '1980-03-31', Spent: '1234.5', Member: 'yes', Size: 'Large' },
    });
    room.setCatalogue(worldWith());
  });

  it('with a number that can be read in two ways are rejected, unless another number or the list says how', async () => {
    const spent = { name: 'Spent', kind: 'NUMBER' as const, choices: [] };
    room.setCatalogue({ ...worldWith(), properties: new Map([['spent', spent]]) });
    const lines = ['E-mail;Spent', `${at('a')};1,234`, `${at('b')};12`];
    expect((await room.prepared(lines)).contactCounts).toMatchObject({ rejected: 1 });
    const one = await room.importedContacts([...lines, `${at('c')};19,95`]);
    expect(one.contactResult).toMatchObject({ created: 3, rejected: 0 });
    expect((await room.contactOf(at('a')))?.properties).toEqual({ Spent: '1.234' });
    await room.importedContacts(lines, { decimalMark: 'POINT' });
    expect((await room.contactOf(at('a')))?.properties).toEqual({ Spent: '1234' });
    room.setCatalogue(worldWith());
  });

  it('get values as the check read them, also if the property loses its type before the run', async () => {
    const born = { name: 'Born', kind: 'DATE' as const, choices: [] };
    room.setCatalogue({ ...worldWith(), properties: new Map([['born', born]]) });
    const checked = await room.prepared(['E-mail;Born', `${at('a')};31.03.1980`, `${at('b')};soon`]);
    room.setCatalogue(worldWith());
    await room.confirmed(checked);
    await room.workNow();
    const { contactResult } = await room.theImport(checked._id);
    expect(contactResult).toMatchObject({ created: 1, rejected: 1 });
    expect((await room.contactOf(at('a')))?.properties).toEqual({ Born: '1980-03-31' });
  });

  it('get language, business units and legal basis for processing; units are added and never taken away', async () => {
    await room.contact({ email: at('ann'), unitIds: [northwind.id] });
    const lines = [
      'E-mail,Language,Business units,Legal basis for processing',
      `${at('ann')},German,${fjell.name},`,
      `${at('bob')},no,${northwind.name}; ${fjell.id},Consent to process and store`,
      `${at('cara')},,,`,
      `${at('dan')},Klingon,,`,
      `${at('eva')},,Nowhere,`,
    ];
    const one = await room.importedContacts(lines, {
      processingBasis: 'PERFORMANCE_OF_CONTRACT',
      unitIds: [fjell.id],
    });
    expect(one.contactResult).toMatchObject({ created: 2, changed: 1, rejected: 2 });
    const units = [northwind.id, fjell.id];
    expect(await room.contactOf(at('ann'))).toMatchObject({
      locale: 'de',
      unitIds: units,
      processingBasis: null,
    });
    expect(await room.contactOf(at('bob'))).toMatchObject({
      ...{ locale: 'nb', unitIds: units, processingBasis: 'PROCESS_AND_STORE' },
    });
    expect(await room.contactOf(at('cara'))).toMatchObject({
      ...{ unitIds: [fjell.id], processingBasis: 'PERFORMANCE_OF_CONTRACT' },
    });
  });

  it('are found by the phone number where a row has no e-mail address', async () => {
    const { _id } = await room.contact({ email: at('ann'), phone: '+4790000777' });
    const one = await room.importedContacts(['First name,Mobile', 'Anna,+47 900 00 777', 'Nils,90000778']);
    expect(one.contactResult).toMatchObject({ changed: 1, rejected: 1 });
    expect(await room.stored(_id)).toMatchObject({ firstName: 'Anna', email: at('ann') });
  });

  it('take rows with one address in their order, and count the later ones', async () => {
    const lines = [
      'E-mail,First name',
      ...[`${at('ann')},First`, `${at('bob')},Bob`, `${at('ann')},Second`, `${at('ann')},Third`],
    ];
    const one = await room.importedContacts(lines);
    expect(one.contactCounts).toMatchObject({ rows: 4, created: 2, changed: 0, repeated: 2 });
    expect(one.contactResult).toMatchObject({ rows: 4, created: 2, changed: 2, repeated: 0 });
    expect(await room.contactOf(at('ann'))).toMatchObject({ firstName: 'Third', version: 3 });
    expect((await room.undone(one)).result).toEqual({ changed: 2, unchanged: 0 });
  });

  it('are rejected if cells may be shifted, and if the number is that of another contact', async () => {
    await room.contact({ email: at('ann'), phone: '+4790000111' });
    const lines = [
      'E-mail,Phone',
      `${at('bob')},,,x`,
      `${at('cara')},+4790000111`,
      `"${at('dan')}"x,`,
      `${at('eva')},,`,
    ];
    const one = await room.importedContacts(lines);
    expect(one.contactResult).toMatchObject({ created: 1, rejected: 3 });
  });
});

describe('a user of some units', () => {
  it('touches and sees only contacts of these units, and imports that reach no others', async () => {
    const scope = [fjell.id];
    const other = await room.contact({ email: at('other'), firstName: 'Otto', unitIds: [northwind.id] });
    const shared = await room.contact({
      email: at('shared'),
      firstName: 'Sara',
      unitIds: [northwind.id, fjell.id],
    });
    const lines = [
      `E-mail,First name,city,${trailNotes.name}`,
      ...[`${at('other')},X,Bergen,no`, `${at('shared')},X,Bergen,`, `${at('new')},Nina,Bergen,`],
    ];
    await expect(
      room.prepared(lines, {
        scope,
        columns: [
          { index: 0, to: 'email' },
          { index: 3, to: `subscription:${trailNotes.id}` },
        ],
        unitIds: [fjell.id],
      }),
    ).rejects.toMatchObject({ code: 'INVALID_FORM' });
    await expect(room.prepared(lines, { scope, unitIds: [northwind.id] })).rejects.toMatchObject({
      code: 'INVALID_FORM',
    });
    const one = await room.importedContacts(lines, { scope, unitIds: [fjell.id] });
    expect(one).toMatchObject({ scope, contactResult: { created: 1, rejected: 2 } });
    expect(await room.stored(other._id)).toEqual(other);
    expect(await room.stored(shared._id)).toEqual(shared);
    const results = await rowsOfText(await contactResults(room.imports, { id: one._id, scope }));
    expect(results.flat().join(' ')).not.toContain('Otto');
    // The identity stays; the rest may change.
    const properties = await room.importedContacts(['E-mail,city', `${at('shared')},Bergen`], {
      ...{ scope, unitIds: [fjell.id] },
      columns: [
        { index: 0, to: 'email' },
        { index: 1, to: 'property:city' },
      ],
    });
    expect(properties.contactResult).toMatchObject({ changed: 1 });
    expect(await room.stored(shared._id)).toMatchObject({
      unitIds: [northwind.id, fjell.id],
      firstName: 'Sara',
    });
    const whole = await room.importedContacts(['E-mail,First name', `${at('x')},X`]);
    expect(await findImport(room.models, whole._id, scope)).toBeNull();
    expect(
      (await findImports(room.models, { scope, before: null, limit: 100 })).map(({ _id }) => _id),
    ).toEqual(expect.arrayContaining([one._id, properties._id]));
    for (const which of [
      { id: one._id, scope: [northwind.id] },
      { id: whole._id, scope },
    ]) {
      await expect(contactResults(room.imports, which)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(undoImport(room.imports, which, 'user:2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(confirmImport(room.imports, which, { revision: one.revision })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });
});

it('two imports of overlapping files at once create each contact once', async () => {
  const lines = (from: number, name: string) => [
    'E-mail,First name,Last name',
    ...Array.from({ length: 40 }, (_, index) => `${at(`p${from + index}`)},${name},`),
  ];
  const both = await Promise.all([room.prepared(lines(0, 'One')), room.prepared(lines(20, 'Two'))]);
  for (const one of both) await room.confirmed(one);
  await Promise.all([room.workNow(), room.workNow()]);
  await room.workNow();
  const results = await Promise.all(both.map(({ _id }) => room.theImport(_id)));
  expect(results.map(({ state }) => state)).toEqual(['DONE', 'DONE']);
  const sum = (field: 'created' | 'changed' | 'rejected') =>
    results.reduce((total, { contactResult }) => total + (contactResult?.[field] ?? 0), 0);
  expect([sum('created'), sum('changed'), sum('rejected')]).toEqual([60, 20, 0]);
  const emails = (await room.models.contacts.find({}).lean<Contact[]>()).map(({ email }) => email ?? '');
  expect(emails.filter((email) => /^p\d+-/.test(email))).toHaveLength(60);
});
