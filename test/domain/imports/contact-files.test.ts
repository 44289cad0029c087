/** Lists of contacts as programs export them: the proposed columns, the contacts that come of them, and each line accounted for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { contactResults } from '../../../src/domain/imports/list-file.js';
import { openCsv } from '../../../src/csv/read.js';
import { changeImport, checkImport, inspectImport } from '../../../src/domain/imports/start.js';
import type { Contact } from '../../../src/models/contact.js';
import { contactFixtures } from '../../support/contact-fixtures.js';
import { openContactImportRoom } from '../../support/contact-import-room.js';
import { northwind } from '../../support/people.js';

const folder = join(import.meta.dirname, '../../fixtures/contacts');

const room = await openContactImportRoom();

interface Expected {
  /** Names of columns, and the place that is proposed for each. */
  places: Record<string, string>;
  encoding?: string;
  /** Chosen for numbers without a country code. */
  country?: string;
  /** Lines of the file that are no rows: those down to the column names, blank ones, and further lines of one row. */
  head?: number;
  blanks?: number;
  insideQuotes?: number;
  created: number;
  /** The lines of rejected rows. */
  rejected?: number[];
  /** A contact that is created. */
  contact: Partial<Contact>;
}

const nordicPlaces = {
  ...{ Fornavn: 'firstName', Etternavn: 'lastName', 'E-postadresse': 'email', Mobil: 'phone' },
  Språk: 'locale',
};
const nordic = (domain: string, encoding: string, phone: string): Expected => ({
  ...{ places: nordicPlaces, encoding, country: 'NO', created: 2, rejected: [4] },
  contact: { firstName: 'Åse', lastName: 'Bjørnstad', email: `ase@${domain}`, phone, locale: 'nb' },
});
const names = { 'First name': 'firstName', 'Last name': 'lastName' };

const expected: Record<string, Expected> = {
  'excel-semicolons-windows-1252.csv': nordic('excel.example', 'windows-1252', '+4790000011'),
  'excel-unicode-text.txt': nordic('unicode.example', 'UTF-16LE', '+4790000012'),
  'excel-macintosh.csv': nordic('mac.example', 'macintosh', '+4790000013'),
  'excel-csv-utf-8.csv': nordic('utf8.example', 'UTF-8', '+4790000014'),
  'excel-polish-windows-1250.csv': {
    places: { Imię: 'firstName', Nazwisko: 'lastName', 'Adres e-mail': 'email' },
    ...{ encoding: 'windows-1250', created: 2 },
    contact: { firstName: 'Święty Mikołaj', lastName: 'Gęśla Jaźń', email: 'mikolaj@polish.example' },
  },
  'tabs.tsv': nordic('tabs.example', 'UTF-8', '+4790000015'),
  'sep-line-and-titles.csv': {
    places: { Fornavn: 'firstName', 'E-post': 'email' },
    ...{ head: 3, blanks: 1, created: 2 },
    contact: { firstName: 'Anne', email: 'anne@titles.example' },
  },
  'line-breaks-in-quotes.csv': {
    places: { ...names, Email: 'email' },
    ...{ insideQuotes: 3, created: 2 },
    contact: { firstName: 'Ann "Annie"', email: 'ann@breaks.example' },
  },
  'empty-rows-at-the-end.csv': {
    places: { Email: 'email', ...names },
    ...{ blanks: 42, created: 2 },
    contact: { firstName: 'Bob', email: 'bob@empty.example' },
  },
  'same-header-twice.csv': {
    places: { Email: 'email', Phone: 'phone' },
    created: 2,
    contact: { email: 'ann@twice.example', phone: '+4790000021' },
  },
  'shifted-cells.csv': {
    places: { Email: 'email', ...names, Phone: 'phone' },
    ...{ created: 26, rejected: [2, 4] },
    contact: { firstName: 'Bob', lastName: 'Ray', email: 'bob@shifted.example' },
  },
  'no-header.csv': {
    places: { 'Column 3': 'email' },
    ...{ head: 0, created: 2 },
    contact: { firstName: '', email: 'ann@headless.example' },
  },
  'hubspot-contacts.csv': {
    places: {
      ...{ 'First Name': 'firstName', 'Last Name': 'lastName', Email: 'email', 'Phone Number': 'phone' },
      'Marketing contact status': 'marketing',
    },
    ...{ insideQuotes: 2, created: 2, rejected: [6] },
    contact: { lastName: 'Johnson (Sample Contact)', email: 'maria@hubspot.example', phone: '+4790000041' },
  },
  'mailchimp-members.csv': {
    places: {
      ...{ 'Email Address': 'email', 'First Name': 'firstName', 'Last Name': 'lastName' },
      'Phone Number': 'phone',
    },
    created: 2,
    contact: { firstName: 'Ann', email: 'ann@chimp.example', phone: '+4790000051' },
  },
  'outlook-contacts.csv': {
    places: {
      ...{ 'First Name': 'firstName', 'Last Name': 'lastName', 'Mobile Phone': 'phone' },
      ...{ 'E-mail Address': 'email', Language: 'locale' },
    },
    ...{ insideQuotes: 1, created: 2 },
    contact: { firstName: 'Ann', email: 'ann@outlook.example', phone: '+4790000061', locale: 'de' },
  },
  'workbook.xlsx': {
    places: { ...names, 'E-mail': 'email' },
    ...{ head: 2, blanks: 3, created: 1, rejected: [6] },
    contact: { firstName: 'Ann', email: 'ann@workbook.example' },
  },
};

it('the files are what their script makes', () => {
  const made = contactFixtures();
  expect(readdirSync(folder).sort()).toEqual(Object.keys(made).sort());
  expect(Object.keys(expected).sort()).toEqual(Object.keys(made).sort());
  for (const [name, content] of Object.entries(made))
    expect(readFileSync(join(folder, name)).equals(Buffer.from(content)), name).toBe(true);
});

it.each(Object.entries(expected))(
  '%s: physical lines = records + blanks + rejected rows',
  async (name, is) => {
    const bytes = readFileSync(join(folder, name));
    const { _id: id } = await room.upload(bytes, { kind: 'CONTACTS', unitId: null, name });
    const which = { id, scope: null };
    const { guess, choice } = await inspectImport(room.imports, await room.theImport(id));
    const places = choice.contacts?.columns.map(({ index, to }) => [
      guess.columns.find((one) => one.index === index)?.name,
      to,
    ]);
    expect(Object.fromEntries(places ?? [])).toEqual(is.places);
    if (is.encoding) expect(choice.encoding).toBe(is.encoding);
    const { country = null } = is;
    await changeImport(room.imports, which, { choice: { country, contacts: { unitIds: [northwind.id] } } });
    await checkImport(room.imports, which);
    await room.workNow();
    const checked = await room.theImport(id);
    await room.confirmed(checked);
    await room.workNow();
    const { contactCounts, contactResult } = await room.theImport(id);
    expect(contactResult, 'the run does what the check counted').toEqual(contactCounts);
    const { rejected = [], head = 1, blanks = 0, insideQuotes = 0 } = is;
    expect(contactResult).toMatchObject({
      created: is.created,
      changed: 0,
      unchanged: 0,
      rejected: rejected.length,
    });
    const { rows = 0 } = contactResult ?? {};
    expect(head + rows + blanks + insideQuotes).toBe(physicalLines(name, bytes, choice.encoding));
    expect(await rejectedOf(which)).toEqual(rejected);
    expect(await room.contactOf(is.contact.email ?? '')).toMatchObject(is.contact);
  },
);

/** Counted without the reader of lists: of a workbook, the number of its last row. */
function physicalLines(name: string, bytes: Buffer, encoding = 'UTF-8'): number {
  if (name.endsWith('.xlsx')) return 7;
  const lines = iconv.decode(bytes, encoding).split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

/** The lines of rejected rows in the file of results. */
async function rejectedOf(which: { id: string; scope: null }): Promise<number[]> {
  const bytes = await contactResults(room.imports, which);
  const { rows } = await openCsv(bytes ?? (async function* () {})());
  const lines: number[] = [];
  for await (const { cells } of rows) if (cells[2] === 'Rejected') lines.push(Number(cells[0]));
  return lines;
}
