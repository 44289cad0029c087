/** CSV files as people have them: encodings, delimiters, line ends, odd rows, and every physical line accounted for. */
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { rowFaults } from '../../src/csv/rows.js';
import { byteByByte, bytesOf, readAll } from '../support/csv-files.js';

const cellsOf = async (text: string) => (await readAll(text)).rows.map(({ cells }) => cells);

describe('the encoding of a CSV file', () => {
  const text = 'email;name\r\nann@example.com;Zażółć “€”\r\nbob@example.com;小林 🦊\r\n';
  it.each<[string, Buffer, boolean]>([
    ['UTF-8', Buffer.from(text), false],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`), true],
    ['UTF-16 LE with a byte order mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), true],
    ['UTF-16 LE without', Buffer.from(text, 'utf16le'), false],
    ['UTF-16 BE with a byte order mark', iconv.encode(`\uFEFF${text}`, 'utf16be'), true],
    ['UTF-16 BE without', iconv.encode(text, 'utf16be'), false],
  ])('may be %s, in chunks of any size', async (_, file, hasByteOrderMark) => {
    for (const bytes of [bytesOf(file), byteByByte(file)]) {
      const { names, rows, style, facts } = await readAll(bytes);
      expect(names).toEqual(['email', 'name']);
      expect(rows.map(({ cells }) => cells[1])).toEqual(['Zażółć “€”', '小林 🦊']);
      expect(style).toEqual({ delimiter: ';', newline: '\r\n', hasByteOrderMark });
      expect(facts.windows1252Lines).toBe(0);
    }
  });

  it('is Windows-1252 for the lines that are not UTF-8, which are counted', async () => {
    const file = Buffer.concat([
      Buffer.from('email,name\nann@example.com,Åse\n'),
      iconv.encode('bob@example.com,Bjørn “€” Œuvre\n', 'win1252'),
    ]);
    for (const bytes of [bytesOf(file), byteByByte(file)]) {
      const { rows, facts } = await readAll(bytes);
      expect(rows.map(({ cells }) => cells[1])).toEqual(['Åse', 'Bjørn “€” Œuvre']);
      expect(facts.windows1252Lines).toBe(1);
    }
  });

  it('is right for a letter split across two chunks of a very long line', async () => {
    const name = 'ø'.repeat(600_000);
    const { rows, facts } = await readAll(bytesOf(`email,name\nann@example.com,${name}\n`));
    expect(rows[0]?.cells[1]).toBe(name);
    expect(facts.windows1252Lines).toBe(0);
  });

  it('may include NUL characters, which are left out', async () => {
    expect(await cellsOf('email,name\nann@example.com\0\0,A\0nn\n')).toEqual([['ann@example.com', 'Ann']]);
  });
});

describe('the delimiter of a CSV file', () => {
  it.each([
    ['comma', 'email,name\na@example.com,"x;y;z"\n', ','],
    ['semicolon, with commas in the values', 'email;price\na@example.com;1,5\nb@example.com;2,5\n', ';'],
    ['semicolon, with a comma in a name of a column', 'email;"name, first";city\na@example.com;A;B\n', ';'],
    ['tab', 'email\tname\na@example.com\tA, B\n', '\t'],
    ['pipe', 'email|name\na@example.com|A, B; C\n', '|'],
    ['none: a file of one column, whatever its values hold', 'email\nSmith, Ann <a@example.com>\n', ';'],
    ['the one in the line that Excel adds', 'sep=;\nemail;na,me\na@example.com;A\n', ';'],
    ['an unusual one in that line', '"sep=^"\r\nemail^name\r\na@example.com^A, B\r\n', '^'],
    ['a tab in that line', 'sep=\t\nemail\tna,me\na@example.com\tA\n', '\t'],
  ])('is detected: %s', async (_, text, delimiter) => {
    const { style, names, rows } = await readAll(text);
    expect(style.delimiter).toBe(delimiter);
    expect(names[0]).toBe('email');
    expect(rows.map(({ fault }) => fault)).toEqual(rows.map(() => undefined));
  });
});

describe('a line of a CSV file', () => {
  it.each(['\n', '\r\n', '\r'])('may end with %j', async (end) => {
    const text = ['email,name', 'ann@example.com,"two\nlines"', '', 'bob@example.com,Bob', ''].join(end);
    for (const bytes of [bytesOf(text), byteByByte(Buffer.from(text))]) {
      const { rows, count } = await readAll(bytes);
      expect(rows.map(({ line, cells }) => [line, ...cells])).toEqual([
        [2, 'ann@example.com', 'two\nlines'],
        [5, 'bob@example.com', 'Bob'],
      ]);
      expect(count).toEqual({ lines: 5, read: 4, blank: 1, rejected: 0 });
    }
  });

  it('may end differently from the line before', async () => {
    expect(await cellsOf('email,name\r\na@example.com,A\rb@example.com,B\nc@example.com,C')).toEqual([
      ['a@example.com', 'A'],
      ['b@example.com', 'B'],
      ['c@example.com', 'C'],
    ]);
  });

  it('may be blank anywhere, also before the column names', async () => {
    const { names, rows, count } = await readAll('\n  \n,,\nemail,name,\n\n,,\na@example.com,A,\n , ,\n');
    expect(names).toEqual(['email', 'name', '']);
    // Behind the names, a line of delimiters is a row: whose file it is must learn that it has no address.
    expect(rows.map(({ line, cells }) => [line, ...cells].map((cell) => String(cell).trim()))).toEqual([
      ['6', '', '', ''],
      ['7', 'a@example.com', 'A', ''],
      ['8', '', '', ''],
    ]);
    expect(count).toEqual({ lines: 8, read: 4, blank: 4, rejected: 0 });
  });
});

describe('a row of a CSV file', () => {
  const table = (...rows: string[]) => readAll(`email,name,city\n${rows.join('\n')}\n`);

  it('with too few cells is filled with empty ones', async () => {
    const { rows } = await table('a@example.com', 'b@example.com,B');
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a@example.com', '', ''],
      ['b@example.com', 'B', ''],
    ]);
  });

  it('with extra empty cells is read without them', async () => {
    expect((await table('a@example.com,A,Oslo,, ,')).rows[0]).toEqual({
      ...{ line: 2, lines: 1 },
      cells: ['a@example.com', 'A', 'Oslo'],
    });
  });

  it('with too many cells is rejected with its line and a reason, and the next is read', async () => {
    const { rows, count } = await table('a@example.com,A, Jr.,Oslo', 'b@example.com,B,Bergen');
    expect(rows[0]).toEqual({
      ...{ line: 2, lines: 1 },
      cells: ['a@example.com', 'A', ' Jr.', 'Oslo'],
      fault: 'It has 4 cells, but the first line names 3 columns.',
    });
    expect(rows[1]).toMatchObject({ line: 3, cells: ['b@example.com', 'B', 'Bergen'] });
    expect(count).toMatchObject({ read: 2, rejected: 1 });
  });

  it('may have quotation marks inside an unquoted value', async () => {
    expect((await table('a@example.com,Ann "Annie" Lee,5" pipe')).rows[0]?.cells).toEqual([
      'a@example.com',
      'Ann "Annie" Lee',
      '5" pipe',
    ]);
  });

  it('with an unclosed quotation mark loses only its own line', async () => {
    const { rows } = await table('a@example.com,"A,Oslo', 'b@example.com,B,Bergen', '"c@example.com","C",""');
    expect(rows).toEqual([
      { line: 2, lines: 1, cells: ['a@example.com', 'A', 'Oslo'], fault: rowFaults.open },
      { line: 3, lines: 1, cells: ['b@example.com', 'B', 'Bergen'] },
      { line: 4, lines: 1, cells: ['c@example.com', 'C', ''] },
    ]);
  });

  it('with a quotation mark open for too many lines loses only its own line', async () => {
    const others = Array.from({ length: 30 }, (_, at) => `p${at}@example.com,P,Oslo`);
    const { rows } = await table('a@example.com,"A,Oslo', ...others, 'z@example.com,Z,5"');
    expect(rows.filter(({ fault }) => fault).map(({ line, fault }) => [line, fault])).toEqual([
      [2, rowFaults.open],
    ]);
    expect(rows).toHaveLength(32);
  });

  it('may take as many lines as the caller allows', async () => {
    const letter = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\r\n');
    const file = `email,letter\na@example.com,"${letter}"\nb@example.com,B\n`;
    const { rows } = await readAll(file, { mostLines: 500 });
    expect(rows.map(({ line, cells }) => [line, cells[1]])).toEqual([
      [2, letter],
      [102, 'B'],
    ]);
  });

  it('with text after a closing quotation mark is rejected', async () => {
    const { rows } = await table('a@example.com,"A" B,Oslo', 'b@example.com,B,Bergen');
    expect(rows[0]).toMatchObject({ line: 2, fault: rowFaults.stray });
    expect(rows[1]).toMatchObject({ cells: ['b@example.com', 'B', 'Bergen'] });
  });

  it('of ten million characters is rejected, and the next is read', async () => {
    const { rows } = await readAll(
      bytesOf(
        'email,name\n',
        ...Array.from({ length: 160 }, () => 'x'.repeat(65_536)),
        '\nb@example.com,B\n',
      ),
    );
    expect(rows.map(({ line, fault }) => [line, fault])).toEqual([
      [2, rowFaults.long],
      [3, undefined],
    ]);
  });
});

describe('a CSV file whose first line cannot be read', () => {
  it.each(['', '\n \n', '\uFEFF', 'sep=;\n', 'email,"name\na@example.com,A\n'])(
    'is refused: %j',
    async (text) => {
      await expect(readAll(text)).rejects.toMatchObject({ code: 'INVALID_FILE' });
    },
  );
});

describe('any CSV file', () => {
  const piece = fc.constantFrom(
    ...[
      'a@example.com',
      'x',
      '"',
      '""',
      '"x',
      'x"',
      '"x"',
      ',',
      ',,',
      ';',
      '\t',
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\0',
      'ø',
    ],
  );

  it('has every physical line read, blank or rejected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        const text = `email,name\n${pieces.join('')}`;
        const { rows, count } = await readAll(byteByByte(Buffer.from(text)));
        const lines = text.replaceAll('\0', '').split(/\r\n|\n|\r/);
        expect(count.lines).toBe(lines.at(-1) === '' ? lines.length - 1 : lines.length);
        expect(count.read + count.blank + count.rejected).toBe(count.lines);
        const rejected = rows.filter(({ fault }) => fault).reduce((sum, row) => sum + row.lines, 0);
        expect(rejected).toBe(count.rejected);
        for (const { cells, fault } of rows) if (!fault) expect(cells).toHaveLength(2);
      }),
      { numRuns: 500 },
    );
  });

  it('written by RFC 4180 is read with the same values', async () => {
    const cell = fc.oneof(fc.string(), fc.string({ unit: piece })).map((text) => text.replaceAll('\0', ''));
    const delimiters = fc.constantFrom(',', ';', '\t', '|');
    const newlines = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 20 }),
        delimiters,
        newlines,
        async (table, delimiter, newline) => {
          const written = [['email', 'name'], ...table]
            .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter) + newline)
            .join('');
          const { rows } = await readAll(bytesOf(written), { mostLines: 10_000 });
          expect(rows.map(({ cells }) => cells)).toEqual(table);
        },
      ),
      { numRuns: 300 },
    );
  });
});
