/** Lists that somebody makes to do harm: they cost little, harm no page and no file, and the good addresses in them count. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { rejectedRows } from '../../../src/domain/imports/list-file.js';
import { readCell } from '../../../src/list-files/read-cell.js';
import { inspectList } from '../../../src/list-files/open-list.js';
import { openImportRoom } from '../../support/import-room.js';

const room = await openImportRoom();

it('a name of a file has no path signs that a page would obey, and no character that hides its ending', async () => {
  const name = `../../etc/\u202Egnp.exe\n<script>${'x'.repeat(500)}.csv`;
  const { file } = await room.upload('Email\na@example.com\n', { name });
  expect(file?.name).toHaveLength(200);
  expect(file?.name).not.toMatch(/[\u202E\n]/);
  expect((await room.upload('Email\na@example.com\n', { name: '\u202E\n' })).file?.name).toBe('list');
});

it('a row of a million delimiters gives its address, as the others do', async () => {
  const wide = `wide@example.com${','.repeat(900_000)}`;
  const one = await room.checked(`Email,Name\nann@example.com,Ann\n${wide}\nbob@example.com,Bob\n`);
  expect(one).toMatchObject({ state: 'CHECKED', counts: { rows: 3, distinct: 3 } });
});

it.each([
  ['delimiters', ','.repeat(900_000)],
  ['one character', 'x'.repeat(900_000)],
])(
  'the first rows of a file whose rows are long with %s are few enough for the memory',
  async (_of, long) => {
    let lines = 0;
    async function* bytes(end: number) {
      const head = 'Email,Name\nann@example.com,Ann\n';
      let left = end;
      for (let line = 0; line < 1000 && left > 0; line++) {
        const part = Buffer.from(`${line === 0 ? head : ''}a${line}@example.com,${long}\n`).subarray(0, left);
        [left, lines] = [left - part.length, Math.max(lines, line)];
        yield part;
      }
    }
    const open = (_start = 0, end = Infinity) => Readable.from(bytes(end));
    const guess = await inspectList({ name: 'long.csv', size: 900_000_000, open }, { encoding: 'UTF-8' });
    expect(lines).toBeLessThan(80);
    expect(guess.emailColumn).toBe(0);
  },
);

it('formulas among the rejected values do nothing in a spreadsheet', async () => {
  const one = await room.checked('Email\na@example.com\nb@example.com\nc@example.com\n=1+1\n@SUM(1)\n');
  const rows = await rejectedRows(room.imports, { id: one._id, scope: null });
  const file = rows ? await text(Readable.from(rows)) : '';
  expect(file).toContain(",'=1+1,");
  expect(file).toContain(",'@SUM(1),");
});

it.each([
  ['letters', 'EMAIL', `${'a'.repeat(1_000_000)}@`],
  ['at signs', 'EMAIL', 'a@'.repeat(500_000)],
  ['spaces', 'EMAIL', `${' '.repeat(1_000_000)}@`],
  ['colons behind dots', 'EMAIL', 'a@b.cc:'.repeat(140_000)],
  ['figures with slashes', 'SMS', '1/'.repeat(500_000)],
  ['plus signs', 'SMS', '+'.repeat(1_000_000)],
] as const)('a cell of a million %s is read in seconds, and not in hours', (_of, channel, cell) => {
  const began = performance.now();
  readCell(channel, cell, 'NO');
  expect(performance.now() - began).toBeLessThan(10_000);
});
