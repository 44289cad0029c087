/** Lists of people as files: each gives its right result or its one sentence, and every line is accounted for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noDelimiter } from '../../src/csv/delimiter.js';
import { rowFaults, type CsvRow } from '../../src/csv/rows.js';
import type { ListChoice, ListFile } from '../../src/list-files/contract.js';
import { inspectList, readList, requireColumn } from '../../src/list-files/open-list.js';
import { cellFaults, readCell } from '../../src/list-files/read-cell.js';
import { listFixtures } from '../support/list-fixtures.js';

const folder = join(import.meta.dirname, '../fixtures/lists');

function fileOf(content: string | Uint8Array, name = 'list.csv'): ListFile {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, open: (start, end) => Readable.from([bytes.subarray(start ?? 0, end)]) };
}

const fixture = (name: string) => fileOf(readFileSync(join(folder, name)), name);

async function readAll(file: ListFile, choice: ListChoice = {}) {
  const guess = await inspectList(file, choice, { country: 'NO' });
  const list = await readList(file, guess.choice);
  const rows: CsvRow[] = [];
  for await (const batch of list.batches) rows.push(...batch);
  const { lines, head, records, blanks, insideQuotes, rejected } = list.count;
  expect(head + records + blanks + insideQuotes + rejected).toBe(lines);
  return { guess, rows, count: list.count };
}

/** What an import would take from a list, and why rows or cells would be rejected, by line. */
async function imported(file: ListFile, kind: 'EMAIL' | 'PHONE' = 'EMAIL', choice: ListChoice = {}) {
  const { guess, rows } = await readAll(file, choice);
  const column = requireColumn(guess, kind, kind === 'EMAIL' ? guess.emailColumn : guess.phoneColumn);
  const found: string[] = [];
  const faults: Record<number, string> = {};
  for (const { line, cells, fault } of rows) {
    const read = readCell(kind === 'EMAIL' ? 'EMAIL' : 'SMS', cells[column] ?? '', 'NO');
    found.push(...read.found);
    const reason = fault ?? read.fault;
    if (reason) faults[line] = reason;
  }
  const name = guess.columns.find(({ index }) => index === column)?.name;
  return { guess, name, found, faults };
}

const [alice, bob, charlie] = ['alice@example.com', 'bob@example.com', 'charlie@example.org'];
const [dana, erin, frank] = ['dana@example.net', 'erin@example.com', 'frank@example.com'];
const three = [alice, bob, charlie];

interface Expected {
  header?: number | null;
  encoding?: string;
  delimiter?: string;
  /** The name of the proposed column. */
  column?: string;
  found?: string[];
  faults?: Record<number, string>;
  /** A text of one of the first rows, which a wrong encoding would spoil. */
  text?: string;
}

const readable: Record<string, Expected> = {
  'comma.csv': { delimiter: ',', encoding: 'UTF-8', text: 'Alice Ås' },
  'semicolon-bom.csv': { delimiter: ';', encoding: 'UTF-8', text: 'Alice Ås' },
  'tab.tsv': { delimiter: '\t' },
  'pipe.txt': { delimiter: '|' },
  'sep.csv': { delimiter: ';', header: 2, found: [alice] },
  'commas-in-a-semicolon-file.csv': { delimiter: ';' },
  'utf16le-bom.txt': { encoding: 'UTF-16LE', delimiter: '\t', text: 'Åse Bjørnstad' },
  'utf16be-bom.txt': { encoding: 'UTF-16BE', delimiter: '\t', text: 'Åse Bjørnstad' },
  'utf16le.csv': { encoding: 'UTF-16LE', text: 'Åse Bjørnstad' },
  'utf16be.csv': { encoding: 'UTF-16BE', text: 'Åse Bjørnstad' },
  'windows-1252.csv': { encoding: 'windows-1252', text: 'Åse Bjørnstad', column: 'E-postadresse' },
  'windows-1252-french.csv': { encoding: 'windows-1252', text: 'Forêt-la-Chèvre (12 €)' },
  'windows-1250.csv': { encoding: 'windows-1250', text: 'Świętochłowice, województwo śląskie' },
  'windows-1251.csv': { encoding: 'windows-1251', text: 'Анна Ивановна Петрова' },
  'iso-8859-1.csv': { encoding: 'windows-1252', text: 'Åse Bjørnstad' },
  'iso-8859-2.csv': { encoding: 'ISO-8859-2', text: 'Świętochłowice, województwo śląskie' },
  'iso-8859-15.csv': { encoding: 'ISO-8859-15', text: 'Forêt-la-Chèvre (12 €)' },
  'two-encodings.csv': { encoding: 'UTF-8', text: 'Håkon Årdal på Øra' },
  'cr.csv': {},
  'lf.csv': {},
  'mixed-line-ends.csv': {},
  'line-breaks-in-quotes.csv': { found: [alice, bob] },
  'title-rows.csv': { header: 4, column: 'E-postadresse', found: [alice, bob] },
  'title-rows-unknown-names.csv': { header: 2, found: [alice, bob], faults: { 3: cellFaults.noAddress } },
  'no-header.csv': { header: null, column: 'Column 3' },
  'one-column.txt': { header: null },
  'one-column-with-names.csv': { delimiter: noDelimiter, found: [alice, bob] },
  'one-line.txt': { header: null, delimiter: noDelimiter },
  'copied-recipients.txt': { header: null, found: [...three, dana] },
  'header-danish.csv': { column: 'E-mailadresse', found: [alice, bob] },
  'header-dutch.csv': { column: 'E-mailadres', found: [alice, bob] },
  'header-french.csv': { column: 'Courriel', found: [alice, bob] },
  'header-german.csv': { column: 'E-Mail-Adresse', found: [alice, bob] },
  'header-polish.csv': { column: 'Adres e-mail', found: [alice, bob] },
  'header-spanish.csv': { column: 'Correo electrónico', found: [alice, bob] },
  'header-swedish.csv': { column: 'E-postadress', found: [alice, bob] },
  'owner-column.csv': { column: 'b', found: [alice, bob, 'charlie@example.com'] },
  'blank-lines.csv': { header: 3, found: [alice, bob] },
  'trailing-delimiters.csv': { found: [alice, bob] },
  'ragged.csv': { found: [alice, bob], faults: { 4: cellFaults.empty } },
  'unclosed-quote.csv': {
    found: [alice, bob, ...Array.from({ length: 40 }, (_, at) => `p${at}@example.com`)],
    faults: { 3: rowFaults.open },
  },
  'unclosed-quote-at-the-end.csv': { found: [alice, bob], faults: { 3: rowFaults.open } },
  'stray-quotes.csv': { found: [alice, bob], faults: { 2: rowFaults.stray } },
  'total.csv': { found: [alice, bob], faults: { 4: cellFaults.total } },
  'nul.csv': { found: [alice, bob] },
  'invisible.csv': {},
  'written-forms.csv': { found: [...three, dana, erin, frank] },
  'several-in-a-cell.csv': {
    found: [...three, dana, erin, frank, 'grace@example.com', 'heidi@example.com', 'ivan@example.com'],
    faults: { 6: cellFaults.noDomain },
  },
  'international-domains.csv': {
    found: ['anna@xn--bcher-kva.example', 'ola@xn--blbr-roah.example', 'x@xn--bcher-kva.example'],
  },
  'two-columns.csv': { column: 'Email' },
  'wrong-addresses.csv': {
    found: [...three, dana, erin],
    faults: {
      7: cellFaults.noDomain,
      8: cellFaults.noAddress,
      9: cellFaults.twoSigns,
      10: cellFaults.number,
    },
  },
  'workbook.xlsx': {
    header: 3,
    column: 'E-mail',
    text: '2025-03-14 18:00:00',
    faults: { 9: cellFaults.empty },
  },
  'workbook-with-prefix.xlsx': { column: 'E-Mail', found: [alice] },
  'workbook-with-sheets.xlsx': { found: [alice, bob] },
  'workbook-named.csv': { found: [alice, bob] },
  'list-named.xlsx': {},
  'one-list.zip': {},
  'far-cells.xlsx': { found: [alice, bob], faults: { 1_048_576: cellFaults.empty } },
};

const phones: Record<string, Expected> = {
  'phones.csv': {
    column: 'Mobil',
    found: ['+4790000001', '+4790000002', '+4790000003', '+4790000004'],
    faults: { 6: cellFaults.noNumber },
  },
  'phones-shortened.csv': { found: ['+4790000001', '+4790000002'], faults: { 4: cellFaults.shortened } },
  'phones-as-numbers.xlsx': { found: ['+4790000001', '+4790000002', '+4790000003'] },
};

/** A word of the sentence for each file that cannot be a list. */
const refused: Record<string, RegExp> = {
  'two-lists.zip': /several lists/,
  'no-list.zip': /no CSV file/,
  'empty.zip': /ZIP file is empty/,
  'password.zip': /password/,
  'zip-named.csv': /ZIP file/,
  'old.xls': /old Excel format/,
  'password.xlsx': /password/,
  'list.ods': /OpenDocument/,
  'list.numbers': /Numbers/,
  'binary-workbook.xlsb': /XLSB/,
  'letter.docx': /Word/,
  'web-page.xls': /web page/,
  'spreadsheet-2003.xml': /XML/,
  'list.pdf': /PDF/,
  'picture.csv': /picture/,
  'list.csv.gz': /gzip/,
  'cards.vcf': /vCard/,
  'list.json': /JSON/,
  'binary.csv': /not a text/,
  'empty.csv': /empty/,
  'blank.csv': /empty/,
  'only-a-header.csv': /no rows/,
  'prose-named.xlsx': /says XLSX.*plain text/,
  'no-addresses.csv': /No column/,
  'few-addresses.csv': /No column/,
  'cut-off.xlsx': /damaged/,
  'broken-xml.xlsx': /damaged/,
  'bomb-with-a-false-size.zip': /damaged/,
  'bomb-of-entities.xlsx': /damaged/,
  'bomb-of-text.xlsx': /millions of characters/,
};

describe('the lists of test/fixtures/lists', () => {
  it('are what their script makes, and each has its expected result', () => {
    const made = listFixtures();
    expect(readdirSync(folder).sort()).toEqual(Object.keys(made).sort());
    for (const [name, content] of Object.entries(made))
      expect(readFileSync(join(folder, name)).equals(Buffer.from(content)), name).toBe(true);
    expect(Object.keys({ ...readable, ...phones, ...refused }).sort()).toEqual(Object.keys(made).sort());
  });

  it.each([
    ...Object.entries(readable).map(([name, expected]) => ({ name, expected, kind: 'EMAIL' as const })),
    ...Object.entries(phones).map(([name, expected]) => ({ name, expected, kind: 'PHONE' as const })),
  ])('$name is read', async ({ name, expected, kind }) => {
    const { guess, name: column, found, faults } = await imported(fixture(name), kind);
    expect(found).toEqual(expected.found ?? three);
    expect(faults).toEqual(expected.faults ?? {});
    expect(guess.choice.headerLine).toBe(expected.header === undefined ? 1 : expected.header);
    if (expected.encoding) expect(guess.choice.encoding).toBe(expected.encoding);
    if (expected.delimiter) expect(guess.choice.delimiter).toBe(expected.delimiter);
    if (expected.column) expect(column).toBe(expected.column);
    if (expected.text) expect(guess.firstRows.flatMap(({ cells }) => cells)).toContain(expected.text);
  });

  it.each(Object.entries(refused))('%s is refused with one sentence', async (name, sentence) => {
    const refusal = imported(fixture(name));
    await expect(refusal).rejects.toMatchObject({ code: 'INVALID_FILE' });
    await expect(refusal).rejects.toThrow(sentence);
    await expect(refusal).rejects.toThrow(/^[A-Z][^.!?]*\.$/);
  });
});

describe('what a person corrects', () => {
  it('decides the sheet', async () => {
    const file = fixture('workbook-with-sheets.xlsx');
    expect((await inspectList(file)).sheets).toEqual(['First', 'Second']);
    expect((await imported(file, 'EMAIL', { sheet: 'Second' })).found).toEqual([charlie]);
    await expect(inspectList(file, { sheet: 'Secret' })).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });

  it('decides the encoding', async () => {
    const { guess } = await imported(fixture('windows-1250.csv'), 'EMAIL', { encoding: 'ISO-8859-2' });
    expect(guess.choice.encoding).toBe('ISO-8859-2');
    expect(guess.firstRows.flatMap(({ cells }) => cells)).not.toContain(
      'Świętochłowice, województwo śląskie',
    );
  });

  it('decides the delimiter: without one, the addresses of all columns are read', async () => {
    const { found } = await imported(fixture('two-columns.csv'), 'EMAIL', { delimiter: noDelimiter });
    expect(found).toEqual([alice, 'a.lee@example.net', bob, charlie, 'c.ray@example.net']);
  });

  it('decides the line of the column names', async () => {
    expect((await imported(fixture('one-column.txt'), 'EMAIL', { headerLine: 1 })).found).toEqual([
      bob,
      charlie,
    ]);
    const { found, faults } = await imported(fixture('sep.csv'), 'EMAIL', { headerLine: null });
    expect(found).toEqual([alice]);
    expect(faults).toEqual({ 2: cellFaults.noAddress });
  });
});

it('a column is confirmed only if at least half of its rows have addresses', async () => {
  const guess = await inspectList(fileOf('a,b\nalice@example.com,1\nx,2\nbob@example.com,3\ny,4\n'));
  expect(requireColumn(guess, 'EMAIL', 0)).toBe(0);
  expect(() => requireColumn(guess, 'EMAIL', 1)).toThrow('“b”');
  expect(() => requireColumn(guess, 'EMAIL', 7)).toThrow();
});

it('a line of ten million characters costs only its own row', async () => {
  const file = fileOf(`email\nalice@example.com\n${'x'.repeat(10_000_000)}\nbob@example.com\n`);
  const { found, faults } = await imported(file);
  expect(found).toEqual([alice, bob]);
  expect(faults).toEqual({ 3: rowFaults.long });
});

it('any text has every line accounted for, and reads the same each time', async () => {
  const piece = fc.constantFrom(
    ...[
      'a@example.com',
      'b@example.com',
      'x',
      '"',
      '""',
      ',',
      ';',
      '\t',
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\0',
      'ø',
      'Email',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
      const text = `x@example.com,y\n${pieces.join('')}`;
      const { count, rows } = await readAll(fileOf(text));
      const lines = text.replaceAll('\0', '').split(/\r\n|\n|\r/);
      expect(count.lines).toBe(lines.at(-1) === '' ? lines.length - 1 : lines.length);
      expect((await readAll(fileOf(text))).rows).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});
