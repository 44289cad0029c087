/** Mail-merge files: the marketer's columns as they were, ours beside them, and one sentence for a file that cannot be read. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addedColumns, mergeLinks } from '../../../src/domain/links/mail-merge.js';
import type { MailMergeInput } from '../../../src/domain/links/mail-merge.js';
import { openTestDatabase } from '../../support/connection.js';
import type { TestDatabase } from '../../support/connection.js';
import { noon } from '../../support/key-file.js';
import { linkDepsOver } from '../../support/link-deps.js';
import type { TestLinkDeps } from '../../support/link-deps.js';
import { alice, bob, northwind, trailNotes } from '../../support/people.js';

let database: TestDatabase;
let deps: TestLinkDeps;
beforeAll(async () => {
  database = await openTestDatabase();
  deps = await linkDepsOver(database.connection, 'HS256');
});
afterAll(async () => {
  deps.tokens.stop();
  await database.close();
});

const toNorthwind = { unitId: northwind.id };

async function* bytesOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

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
  it('gets its links, headers and footers in columns of their own, row by row', async () => {
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

  it('keeps its byte order mark, or its having none', async () => {
    expect(await merged(`\uFEFFemail\n${alice.address}\n`)).toMatch(/^\uFEFFemail,sayso_manage_url/);
    expect(await merged(`email\n${alice.address}\n`)).toMatch(/^email,sayso_manage_url/);
  });

  it.each(
    [',', ';', '\t'].flatMap((separator) => ['\n', '\r\n'].map((newline) => [separator, newline] as const)),
  )(
    'with %j and %j can be read again, by others and by itself, whatever newlines are in its cells',
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

  it('keeps what is in its own columns: quotes, newlines, other scripts, formulas', async () => {
    const own = ['=HYPERLINK("x")', 'two\nlines', '"quoted"', 'Zażółć 小林', ' spaced ', '-1', "'"];
    const quoted = own.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    const out = await merged(`a,b,c,d,e,f,g,email\n${quoted},${alice.address}\n`);
    expect(parse(out)[1]?.slice(0, 7)).toEqual(own);
  });

  it('gets no formula from us', async () => {
    const rows = parse(await merged(`email\n${alice.address}\nnobody\n`));
    for (const cell of rows.flatMap((row) => row.slice(1))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('keeps rows that no link can be made for, and says why in them', async () => {
    const rows = await rowsOf(`email,name\n,Nobody\nalice at example,Alice\n${bob.address},Bob\n`);
    expect(rows.map((row) => [row['name'], row['sayso_error'], row['sayso_manage_url'] !== ''])).toEqual([
      ['Nobody', 'This is not an e-mail address.', false],
      ['Alice', 'This is not an e-mail address.', false],
      ['Bob', '', true],
    ]);
  });

  it('gets fresh links in the same columns when it goes through a second time', async () => {
    const once = await merged(`email,name\n${alice.address},Alice\n`);
    expect(await merged(once)).toBe(once);
  });

  it('finds its addresses under any name, in capitals too', async () => {
    const rows = await rowsOf(`name, E-Mail \nAlice,${alice.address}\n`, ',', { column: 'e-mail' });
    expect(rows[0]?.['sayso_error']).toBe('');
  });

  it('may be cut into pieces anywhere, within a letter too', async () => {
    const whole = Buffer.from(`email;name\r\n${alice.address};"Zażółć\r\ngęślą"\r\n`);
    const pieces = Array.from(whole, (_, i) => whole.subarray(i, i + 1));
    const out = await merged('', { bytes: bytesOf(...pieces) });
    expect(parse(out, { delimiter: ';' })[1]?.slice(0, 2)).toEqual([alice.address, 'Zażółć\r\ngęślą']);
  });
});

describe('a file that cannot be read', () => {
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
    [
      'has a row that is too long, without any quotation mark',
      `email,name\na@example.com,A\nb@example.com,${'B'.repeat(1_000_001)}\n`,
      'The row that begins in line 3 is longer than a million bytes: shorten it, or close a quotation mark that is still open there.',
    ],
    [
      'has a row of another length',
      'email,name\na@example.com,A\nb@example.com\n',
      'Line 3 has another number of columns than the first line.',
    ],
    [
      'has a quotation mark that stays open',
      'email,name\na@example.com,A\nb@example.com,"B\nc@example.com,C\n',
      'The row that begins in line 3 has a quotation mark that is never closed.',
    ],
    [
      'has a quotation mark within a value',
      'email,name\na@example.com,A "x"\n',
      'Line 2 has a quotation mark within a value: double it, and put the whole value in quotation marks.',
    ],
  ])('says in one sentence that it %s', async (_, text, message) => {
    expect(await faultOf(text)).toMatchObject({ code: 'INVALID_FILE', message });
  });

  it('says which line is not UTF-8', async () => {
    const bytes = bytesOf(
      'email,name\na@example.com,A\nb@example.com,',
      Buffer.from([0x5a, 0xe6, 0x0a]),
      'c@example.com,C\n',
    );
    expect(await faultOf('', { bytes })).toMatchObject({
      code: 'INVALID_FILE',
      message: 'Line 3 is not UTF-8; save the file as "CSV UTF-8".',
    });
  });

  it.each<[Partial<MailMergeInput['target']>, string]>([
    [{ unitId: 9 }, 'There is no business unit 9; there are 0 Northwind Outdoors, 1 Fjell Hotels.'],
    [{ typeId: 99 }, 'There is no subscription type 99.'],
    [{ locale: 'xx' }, 'There is no language xx; there are en, nb, pl, nl, sv, de, fr, es.'],
  ])('is not even begun where %j is unknown', async (wrong, message) => {
    const fault = await faultOf('email\nnew-person@example.com\n', { target: { ...toNorthwind, ...wrong } });
    expect(fault).toMatchObject({ message });
    expect(await deps.models.subscribers.countDocuments({ address: 'new-person@example.com' })).toBe(0);
  });
});

it('a file of 100,000 rows takes no more memory than one of 20,000', { timeout: 240_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  const heap = () => {
    if (typeof collectGarbage === 'function') collectGarbage();
    return process.memoryUsage().heapUsed / 1_048_576;
  };
  async function* file(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('email,name\n');
    for (let i = 0; i < 100_000; i += 100) {
      const rows = Array.from(
        { length: 100 },
        (_, k) => `person-${(i + k) % 10_000}@example.com,"Person ${i + k}"\n`,
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
    if (seen > 0 && seen % 20_000 === 0 && heaps.length < seen / 20_000) heaps.push(heap());
  }
  expect(seen).toBe(100_000);
  expect(last).toContain('Person 99999');
  expect(heaps.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...heaps) - (heaps[0] ?? 0)).toBeLessThan(40);
});
