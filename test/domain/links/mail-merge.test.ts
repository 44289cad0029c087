/** Mail-merge files: the marketer's columns unchanged, ours added, and a reason in each row without links. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { rowFaults } from '../../../src/csv/rows.js';
import { addedColumns, mergeLinks } from '../../../src/domain/links/mail-merge.js';
import type { MailMergeInput } from '../../../src/domain/links/mail-merge.js';
import { mintLink } from '../../../src/domain/links/mint-links.js';
import { openTestDatabase } from '../../support/connection.js';
import { byteByByte, bytesOf } from '../../support/csv-files.js';
import { noon } from '../../support/key-file.js';
import { linkDepsOver } from '../../support/link-deps.js';
import { alice, bob, northwind, trailNotes } from '../../support/people.js';

const database = await openTestDatabase();
const deps = await linkDepsOver(database.connection, 'HS256');

const toNorthwind = { unitId: northwind.id };

async function merged(text: string, input: Partial<MailMergeInput> = {}): Promise<string> {
  let out = '';
  for await (const part of mergeLinks(deps, {
    bytes: bytesOf(text),
    column: 'email',
    target: toNorthwind,
    ...input,
  })) {
    out += part;
  }
  return out;
}

async function rowsOf(
  text: string,
  delimiter = ',',
  input: Partial<MailMergeInput> = {},
): Promise<Record<string, string>[]> {
  return parse<Record<string, string>>(await merged(text, input), { columns: true, delimiter, bom: true });
}

async function faultOf(text: string, input: Partial<MailMergeInput> = {}): Promise<unknown> {
  return merged(text, input).catch((error: unknown) => error);
}

describe('a mail-merge file', () => {
  it('has links, headers and footers in columns of their own, row by row', async () => {
    const rows = await rowsOf(`name,email\nAlice,${alice.address}\nBob,${bob.address}\n`, ',', {
      target: { ...toNorthwind, typeId: trailNotes.id },
    });
    expect(Object.keys(rows[0] ?? {})).toEqual(['name', 'email', ...addedColumns]);
    expect(rows.map((row) => row['name'])).toEqual(['Alice', 'Bob']);
    for (const [i, person] of [alice, bob].entries()) {
      const row = rows[i] ?? {};
      const token = row['sayso_manage_url']?.replace('https://mail.example.com/p/', '') ?? '';
      const { claims } = await deps.tokens.verify('preferences', token, noon);
      expect(claims.subscriberId).toBe(deps.subscriberIds('EMAIL', person.address));
      expect(row['sayso_unsubscribe_url']).toMatch(/^https:\/\/mail\.example\.com\/u\//);
      expect(row['sayso_unsubscribe_one_url']).toMatch(/^https:\/\/mail\.example\.com\/u\//);
      expect(row['sayso_list_unsubscribe']).toMatch(/^<https:\/\/mail\.example\.com\/o\/[\w.-]+>, <mailto:/);
      expect(row['sayso_list_unsubscribe_post']).toBe('List-Unsubscribe=One-Click');
      expect(row['sayso_footer_html']).toContain(row['sayso_manage_url']);
      expect(row['sayso_footer_text']).toContain(northwind.postalAddress);
      expect(row['sayso_error']).toBe('');
    }
  });

  it.each([
    [',', '\n'],
    [';', '\r\n'],
    ['\t', '\r\n'],
  ])('keeps its separator %j and its newlines %j', async (separator, newline) => {
    const head = ['email', 'a,b', 'c;d'].map((cell) => `"${cell}"`).join(separator);
    const out = await merged([head, [alice.address, '1', '2'].join(separator), ''].join(newline));
    const rows = parse(out, { delimiter: separator });
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ['email', 'a,b', 'c;d'],
      [alice.address, '1', '2'],
    ]);
    expect(out.replaceAll(/"[^"]*"/g, '').split(newline)).toHaveLength(3);
  });

  it('keeps its byte order mark, or its absence', async () => {
    expect(await merged(`\uFEFFemail\n${alice.address}\n`)).toMatch(/^\uFEFFemail,sayso_manage_url/);
    expect(await merged(`email\n${alice.address}\n`)).toMatch(/^email,sayso_manage_url/);
  });

  it.each(
    [',', ';', '\t'].flatMap((separator) => ['\n', '\r\n'].map((newline) => [separator, newline] as const)),
  )(
    'with %j and %j can be read again, by others and by itself, whatever newlines its cells contain',
    async (separator, newline) => {
      const cells = ['one\nline', 'two\r\nlines', 'a lone\rreturn', `a "quote"${separator} and more`];
      const quoted = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`);
      const rows = [
        ['email', 'a', 'b', 'c', 'd'],
        [alice.address, ...quoted],
      ];
      const file = rows.map((row) => row.join(separator) + newline).join('');
      const once = await merged(file);
      const read = (text: string) => parse(text, { delimiter: separator, record_delimiter: ['\r\n', '\n'] });
      expect(read(once)).toHaveLength(2);
      expect(read(once)[1]?.slice(0, 5)).toEqual([alice.address, ...cells]);
      const again = read(await merged(once));
      expect(again).toHaveLength(2);
      expect(again[1]?.slice(0, 5)).toEqual([alice.address, ...cells]);
      expect(again[0]).toEqual(read(once)[0]);
    },
  );

  it('keeps the marketer’s columns: quotes, newlines, other scripts, formulas', async () => {
    const own = ['=HYPERLINK("x")', 'two\nlines', '"quoted"', 'Zażółć 小林', ' spaced ', '-1', "'"];
    const quoted = own.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    const out = await merged(`a,b,c,d,e,f,g,email\n${quoted},${alice.address}\n`);
    expect(parse(out)[1]?.slice(0, 7)).toEqual(own);
  });

  it('gets no formula in our columns', async () => {
    const rows = parse(await merged(`email\n${alice.address}\nnobody\n`));
    for (const cell of rows.flatMap((row) => row.slice(1))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('has the footer unaltered, although our cells contain no formula', async () => {
    const [row] = await rowsOf(`email\n${alice.address}\n`);
    const recipient = { ...toNorthwind, address: alice.address };
    const { footer } = await mintLink(deps, recipient, { hasFooter: true });
    expect(row?.['sayso_footer_html']).toBe(footer?.html.trim());
  });

  it('keeps rows without links, and says why in them', async () => {
    const rows = await rowsOf(`email,name\n,Nobody\nalice at example,Alice\n${bob.address},Bob\n`);
    expect(rows.map((row) => [row['name'], row['sayso_error'], row['sayso_manage_url'] !== ''])).toEqual([
      ['Nobody', 'This is not an e-mail address.', false],
      ['Alice', 'This is not an e-mail address.', false],
      ['Bob', '', true],
    ]);
  });

  it('gets fresh links in the same columns when it is processed again', async () => {
    const once = await merged(`email,name\n${alice.address},Alice\n`);
    expect(await merged(once)).toBe(once);
  });

  it('finds the address column under any name, also in capitals', async () => {
    const rows = await rowsOf(`name, E-Mail \nAlice,${alice.address}\n`, ',', { column: 'e-mail' });
    expect(rows[0]?.['sayso_error']).toBe('');
  });

  it('may be split into chunks anywhere, also within a letter', async () => {
    const whole = Buffer.from(`email;name\r\n${alice.address};"Zażółć\r\ngęślą"\r\n`);
    const out = await merged('', { bytes: byteByByte(whole) });
    expect(parse(out, { delimiter: ';' })[1]?.slice(0, 2)).toEqual([alice.address, 'Zażółć\r\ngęślą']);
  });
});

describe('a mail-merge file from a spreadsheet', () => {
  const linked = async (text: string, delimiter?: string, input?: Partial<MailMergeInput>) =>
    (await rowsOf(text, delimiter, input)).map((row) => [row['email'], row['sayso_error']]);

  it('may have lines that end with CR only; the new file has CRLF', async () => {
    const text = `email,name\r${alice.address},Alice\r`;
    expect(await linked(text)).toEqual([[alice.address, '']]);
    expect(await merged(text)).toMatch(/\r\n$/);
  });

  it.each([
    ['rows without their last cells', `email,name,city\r\n${alice.address},Alice\r\n${bob.address}\r\n`],
    ['rows with empty cells too many', `email,name\r\n${alice.address},A,,\r\n${bob.address},B,,\r\n`],
    ['blank lines', `\n,\n\nemail,name\n${alice.address},A\n\n${bob.address},B\n  \n`],
  ])('may have %s', async (_, text) => {
    expect(await linked(text)).toEqual([
      [alice.address, ''],
      [bob.address, ''],
    ]);
  });

  it.each([',', ';', '\t'])('says of a row of %j alone that it has no address', async (one) => {
    expect(await linked(`email${one}name\n${one}\n`, one)).toEqual([['', expect.stringMatching(/address/)]]);
  });

  it('may begin with the line that tells Excel its delimiter; the new file has none', async () => {
    const text = `sep=;\r\nemail;name\r\n${alice.address};Alice\r\n`;
    expect(await linked(text, ';')).toEqual([[alice.address, '']]);
  });

  it('may be Windows-1252, and the caller learns so', async () => {
    const bytes = bytesOf(`email,name\n${alice.address},`, Buffer.from([0x5a, 0xe6, 0x0a]));
    const counts: unknown[] = [];
    const rows = await rowsOf('', ',', { bytes, onRow: (count) => counts.push(count) });
    expect(rows[0]?.['name']).toBe('Zæ');
    expect(counts).toEqual([{ rows: 1, refused: 0, windows1252Lines: 1 }]);
  });

  it.each([
    [
      'too many cells',
      'Lee, Ann,Oslo',
      'It has 4 cells, but the first line names 3 columns.',
      'Lee',
      ' Ann,Oslo',
    ],
    ['a quotation mark that stays open', '"Ann,Oslo', rowFaults.open, 'Ann', 'Oslo'],
    ['a quotation mark within a value', '"Ann" Lee,Oslo', rowFaults.stray, 'Ann" Lee', 'Oslo'],
    ['a million characters', `${'B'.repeat(1_000_000)},Oslo`, rowFaults.long, expect.any(String), ''],
  ])('keeps a row with %s, without a link, and continues', async (_, cells, fault, name, city) => {
    const rows = await rowsOf(`email,name,city\nann@example.com,${cells}\n${bob.address},Bob,Oslo\n`);
    expect(rows[0]).toMatchObject({
      ...{ email: 'ann@example.com', name, city },
      ...{ sayso_error: `Line 2: ${fault}`, sayso_manage_url: '' },
    });
    expect(rows[1]).toMatchObject({ name: 'Bob', sayso_error: '' });
    expect(rows).toHaveLength(2);
    expect(await deps.models.subscribers.countDocuments({ address: 'ann@example.com' })).toBe(0);
  });

  it('may have a whole letter in a cell', async () => {
    const letter = Array.from({ length: 200 }, (_, at) => `Line ${at}, with "words"`).join('\n');
    const [row] = await rowsOf(`email,letter\n${alice.address},"${letter.replaceAll('"', '""')}"\n`);
    expect(row).toMatchObject({ letter, sayso_error: '' });
  });
});

describe('a mail-merge file that cannot be read', () => {
  it.each<[string, string, string]>([
    ['is empty', '', 'The file is empty; its first line must name the columns.'],
    [
      'has no such column',
      'name,mail\nAlice,x\n',
      'The first line names no column "email"; it names name, mail: say which with --column.',
    ],
    [
      'has such a column twice',
      'email,Email\na@example.com,b@example.com\n',
      'The first line names "email" twice: rename the column that does not hold the addresses.',
    ],
    ['has no row', 'email,name\n\n \n', 'The file has column names but no rows, so nothing was written.'],
    [
      'has names of columns that cannot be read',
      'email,"name\na@example.com,A\n',
      `Line 1 must name the columns. ${rowFaults.open}`,
    ],
  ])('is refused in one sentence that says that it %s', async (_, text, message) => {
    expect(await faultOf(text)).toMatchObject({ code: 'INVALID_FILE', message });
  });

  it.each<[Partial<MailMergeInput['target']>, string]>([
    [{ unitId: 9 }, 'There is no business unit 9; there are 0 Northwind Outdoors, 1 Fjell Hotels.'],
    [{ typeId: 99 }, 'There is no subscription type 99.'],
    [{ locale: 'xx' }, 'There is no language xx; there are en, nb, pl, nl, sv, de, fr, es.'],
  ])('is refused before it is read where %j is unknown', async (wrong, message) => {
    const fault = await faultOf('email\nnew-person@example.com\n', { target: { ...toNorthwind, ...wrong } });
    expect(fault).toMatchObject({ message });
    expect(await deps.models.subscribers.countDocuments({ address: 'new-person@example.com' })).toBe(0);
  });
});

/** `npm run soak` sets more. */
const manyRows = Number(process.env['LINKS'] ?? 10_000);

it(
  'a mail-merge file of many rows takes no more memory than a fifth of it',
  { timeout: 240_000 },
  async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: unknown = runInNewContext('gc');
    const heap = () => {
      if (typeof collectGarbage === 'function') collectGarbage();
      return process.memoryUsage().heapUsed / 1_048_576;
    };
    async function* file(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('email,name\n');
      for (let i = 0; i < manyRows; i += 100) {
        const rows = Array.from(
          { length: 100 },
          (_, k) => `person-${(i + k) % 5000}@example.com,"Person ${i + k}"\n`,
        );
        yield await Promise.resolve(Buffer.from(rows.join('')));
      }
    }
    const heaps: number[] = [];
    let seen = 0;
    let last = '';
    const input = { bytes: file(), column: 'email', target: toNorthwind };
    for await (const part of mergeLinks(deps, { ...input, onRow: ({ rows }) => (seen = rows) })) {
      last = part;
      if (seen > 0 && seen % (manyRows / 5) === 0 && heaps.length < seen / (manyRows / 5)) heaps.push(heap());
    }
    expect(seen).toBe(manyRows);
    expect(last).toContain(`Person ${manyRows - 1}`);
    expect(heaps.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...heaps) - (heaps[0] ?? 0)).toBeLessThan(20);
  },
);
