/** Written CSV: it is read back unchanged, and no cell is a formula in a spreadsheet of any country. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, csvText, spreadsheetStyle, withoutFormulas } from '../../src/csv/write.js';
import { readAll } from '../support/csv-files.js';

describe('writing a cell without formulas', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+4790000001', "'+4790000001"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t'=1"],
    ['\r=1', "'\r'=1"],
    ['＝1+1', "'＝1+1"],
    ['Ann;=HYPERLINK("x")', 'Ann;\'=HYPERLINK("x")'],
    ['Ann;"=1"', 'Ann;"\'=1"'],
    ['Ann\t@SUM(A1)', "Ann\t'@SUM(A1)"],
    ['Ann\r\n-1', "Ann\r\n'-1"],
    ['Ann\n+1', "Ann\n'+1"],
    ['Ann;＝1', "Ann;'＝1"],
  ])('turns %j into %j', (cell, written) => {
    expect(withoutFormulas(cell, ',')).toBe(written);
  });

  it.each(['ann@example.com', 'a - b', '1+1=2', 'Yes, -5%', 'https://example.com/?a=b;c', "O'Hara"])(
    'leaves %j unchanged',
    (cell) => {
      expect(withoutFormulas(cell, ',')).toBe(cell);
    },
  );

  it('also neutralises after a comma when the delimiter is not a comma', () => {
    expect(withoutFormulas('Ann,=1', ';')).toBe("Ann,'=1");
    expect(withoutFormulas('Ann,=1', ',')).toBe('Ann,=1');
  });

  it('is safe in every country where the file is opened', () => {
    const piece = fc.constantFrom('=', '+', '-', '@', '＝', 'x', '1', ';', ',', '\t', '\r', '\n', '"', ' ');
    fc.assert(
      fc.property(fc.string({ unit: piece }), fc.constantFrom(',', ';'), (cell, delimiter) => {
        const written = withoutFormulas(cell, delimiter);
        // In a file with commas as delimiters, other commas are inside quotation marks, which every such spreadsheet respects.
        const splits = delimiter === ',' ? /[;\t\r\n]/ : /[,;\t\r\n]/;
        const [first = '', ...others] = written.split(splits);
        expect(first).not.toMatch(/^[=+\-@＝]/);
        for (const part of others) expect(part).not.toMatch(/^"*[=+\-@＝]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a written CSV file', () => {
  async function* rowsOf(rows: string[][]): AsyncGenerator<string[]> {
    for (const row of rows) yield await Promise.resolve(row);
  }

  it('begins with a byte order mark, ends each line with CRLF, and has no formula in its column names', async () => {
    let text = '';
    for await (const part of csvText(rowsOf([['Ann', 'two\nlines']]), ['Name', '=cmd'])) text += part;
    expect(text).toBe('\uFEFFName,\'=cmd\r\nAnn,"two\nlines"\r\n');
  });

  it('is read back unchanged, whatever its cells hold', async () => {
    const letter = fc.constantFrom('a', '"', ',', ';', '\t', '|', '\n', '\r', ' ', 'ø', '=');
    const cell = fc.oneof(fc.string(), fc.string({ unit: letter })).map((text) => text.replaceAll('\0', ''));
    const style = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      newline: fc.constantFrom('\n' as const, '\r\n' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 10 }), style, async (rows, wanted) => {
        const lines = [['one', 'two'], ...rows].map((row) =>
          csvLine(row, { ...spreadsheetStyle, ...wanted }),
        );
        const read = await readAll(lines.join(''), { mostLines: 10_000 });
        expect(read.rows.map(({ cells }) => cells)).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });
});
