/** Lists of people as files: how they are read, and every line accounted for. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { CsvRow } from '../../src/csv/rows.js';
import type { ListChoice, ListFile } from '../../src/list-files/contract.js';
import { inspectList, readList, requireColumn } from '../../src/list-files/open-list.js';
import { readCell } from '../../src/list-files/read-cell.js';

function fileOf(content: string | Buffer, name = 'list.csv'): ListFile {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, open: (start, end) => Readable.from([bytes.subarray(start ?? 0, end)]) };
}

async function readAll(file: ListFile, choice: ListChoice = {}) {
  const guess = await inspectList(file, choice);
  const list = await readList(file, guess.choice);
  const rows: CsvRow[] = [];
  for await (const batch of list.batches) rows.push(...batch);
  return { guess, rows, count: list.count };
}

it('finds title rows, the header and the column of addresses', async () => {
  const { guess, rows, count } = await readAll(
    fileOf(
      'Utmeldinger\n\nKundenr;E-postadresse;Avmeldt\n1;alice@example.com;x\n2;Bob <bob@example.com>;x\n',
    ),
  );
  expect(guess.choice).toEqual({ encoding: 'UTF-8', delimiter: ';', headerLine: 3 });
  expect(guess.emailColumn).toBe(1);
  requireColumn(guess, 'EMAIL', 1);
  expect(() => {
    requireColumn(guess, 'EMAIL', 0);
  }).toThrow();
  expect(rows.map(({ line, cells }) => [line, readCell('EMAIL', cells[1] ?? '').found[0]])).toEqual([
    [4, 'alice@example.com'],
    [5, 'bob@example.com'],
  ]);
  expect(count).toEqual({ lines: 5, head: 2, records: 2, blanks: 1, insideQuotes: 0, rejected: 0 });
});
