/** Opens a list of people as people have it: what it is, how it is read, and its rows as a stream. */
import type { CsvRow } from '../csv/rows.js';
import { DomainError } from '../errors.js';
import { describeColumns, guessHeader, leastShare } from './columns.js';
import type { FullChoice, ListChoice, ListCount, ListFile, ListGuess, OpenList } from './contract.js';
import { openTable } from './table.js';
import type { Table } from './table.js';

/** Enough for the head and 1,000 records. */
const sampleRows = 1050;
/** Fewer rows are enough where they are very long: all of them are in memory. */
const sampleCharacters = 2_000_000;
/** What a cell takes besides its text. */
const cellCharacters = 16;
const firstRows = 10;

/**
 * Finds out how a list is to be read. What the person corrected is taken as it is.
 * @param country (ISO 3166-1 alpha-2) whose phone numbers may be written without their country code
 * @throws DomainError `INVALID_FILE`: one sentence that says what the file is and what to do
 */
export async function inspectList(
  file: ListFile,
  choice: ListChoice = {},
  { country = null }: { country?: string | null } = {},
): Promise<ListGuess> {
  const table = await openTable(file, choice);
  const rows: CsvRow[] = [];
  let size = 0;
  for await (const batch of table.batches) {
    for (const row of batch) {
      if (row.line < table.firstLine || isBlank(row) || size > sampleCharacters) continue;
      rows.push(row);
      size += row.cells.reduce((sum, cell) => sum + cell.length + cellCharacters, 0);
    }
    if (rows.length >= sampleRows || size > sampleCharacters) break;
  }
  if (rows.length === 0)
    throw new DomainError('INVALID_FILE', 'The file is empty: choose a file with one address in each row.');
  const headerLine = choice.headerLine === undefined ? guessHeader(rows, country) : choice.headerLine;
  const described = describeColumns(rows, headerLine, country);
  const { emailColumn, phoneColumn } = described;
  if (table.misnamed && emailColumn === null && phoneColumn === null)
    throw new DomainError('INVALID_FILE', table.misnamed);
  if (described.sampled === 0)
    throw new DomainError(
      'INVALID_FILE',
      'The file has column names but no rows: choose the file with the rows.',
    );
  return {
    format: table.format,
    choice: { ...table.choice, headerLine },
    sheets: table.sheets,
    ...described,
    firstRows: rows.slice(0, firstRows),
  };
}

/**
 * Refuses a column that has addresses in fewer than half of its records.
 * @param index null if no column was proposed and none was chosen
 * @throws DomainError `INVALID_FILE`: one sentence that says what to do
 */
export function requireColumn(guess: ListGuess, kind: 'EMAIL' | 'PHONE', index: number | null): number {
  const column = guess.columns.find((one) => one.index === index);
  const share = (kind === 'EMAIL' ? column?.addressShare : column?.phoneShare) ?? 0;
  if (column && share >= leastShare) return column.index;
  const what = kind === 'EMAIL' ? 'email addresses' : 'phone numbers';
  throw new DomainError(
    'INVALID_FILE',
    column
      ? `Fewer than half of the rows have ${what} in the column “${column.name}”: choose another column.`
      : `No column has ${what} in at least half of its rows: check how the file is read, or choose another file.`,
  );
}

/**
 * Reads the rows of a list.
 * @param choice as `inspectList` returned it
 * @throws DomainError `INVALID_FILE` as `inspectList`, and while reading if not every line of the file was accounted for
 */
export async function readList(file: ListFile, choice: FullChoice): Promise<OpenList> {
  const table = await openTable(file, choice);
  const count: ListCount = { lines: 0, head: 0, records: 0, blanks: 0, insideQuotes: 0, rejected: 0 };
  const batches = counted(table, choice.headerLine, count);
  return { batches, count };
}

async function* counted(table: Table, headerLine: number | null, count: ListCount): AsyncGenerator<CsvRow[]> {
  const lastOfHead = headerLine ?? table.firstLine - 1;
  for await (const batch of table.batches) {
    const rows: CsvRow[] = [];
    for (const row of batch) {
      if (isBlank(row)) {
        count.blanks += row.lines;
        continue;
      }
      count.insideQuotes += row.lines - 1;
      if (row.line <= lastOfHead) count.head += 1;
      else {
        count[row.fault ? 'rejected' : 'records'] += 1;
        rows.push(row);
      }
    }
    if (rows.length > 0) yield rows;
  }
  count.lines = table.lineCount();
  if (count.lines !== count.head + count.records + count.blanks + count.insideQuotes + count.rejected)
    throw new DomainError(
      'INVALID_FILE',
      'Not every line of the file could be accounted for, so nothing was imported.',
    );
}

function isBlank({ cells, fault }: CsvRow): boolean {
  return !fault && cells.every((cell) => !cell.trim());
}
