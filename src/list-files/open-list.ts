/** Opens a list of people as people have it: what it is, how it is read, and its rows as a stream. */
import { decodeText } from '../csv/decode.js';
import { delimiterNamedBy, guessDelimiter, noDelimiter } from '../csv/delimiter.js';
import { guessEncoding } from '../csv/encoding.js';
import { linesOf } from '../csv/lines.js';
import type { Line } from '../csv/lines.js';
import { rowsOf } from '../csv/rows.js';
import type { CsvRow } from '../csv/rows.js';
import { DomainError } from '../errors.js';
import { describeColumns, guessHeader, leastShare } from './columns.js';
import type { FullChoice, ListChoice, ListCount, ListFile, ListGuess, OpenList } from './contract.js';

const sampleBytes = 262_144;
const sampleLines = 100;
/** Enough for the head and 1,000 records. */
const sampleRows = 1050;
const firstRows = 10;
/** A quotation mark that is open for longer is treated as an error. */
const mostLines = 20;

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
  for await (const batch of table.batches) {
    for (const row of batch) if (row.line >= table.firstLine && !isBlank(row)) rows.push(row);
    if (rows.length >= sampleRows) break;
  }
  if (rows.length === 0)
    throw new DomainError('INVALID_FILE', 'The file is empty: choose a file with one address in each row.');
  const headerLine = choice.headerLine === undefined ? guessHeader(rows, country) : choice.headerLine;
  return {
    format: table.format,
    choice: { ...table.choice, headerLine },
    sheets: table.sheets,
    ...describeColumns(rows, headerLine, country),
    firstRows: rows.slice(0, firstRows),
  };
}

/**
 * Refuses a column that has addresses in fewer than half of its records.
 * @throws DomainError `INVALID_FILE`: one sentence that says what to do
 */
export function requireColumn(guess: ListGuess, kind: 'EMAIL' | 'PHONE', index: number): void {
  const column = guess.columns.find((one) => one.index === index);
  const share = (kind === 'EMAIL' ? column?.addressShare : column?.phoneShare) ?? 0;
  if (column && share >= leastShare) return;
  const what = kind === 'EMAIL' ? 'email addresses' : 'phone numbers';
  throw new DomainError(
    'INVALID_FILE',
    `Fewer than half of the rows have ${what} in ${column ? `the column “${column.name}”` : 'that column'}: choose another column.`,
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
  return { names: [], batches, count };
}

async function* counted(table: Table, headerLine: number | null, count: ListCount): AsyncGenerator<CsvRow[]> {
  for await (const batch of table.batches) {
    const rows: CsvRow[] = [];
    for (const row of batch) {
      count.insideQuotes += row.lines - 1;
      if (row.line <= (headerLine ?? table.firstLine - 1)) count[isBlank(row) ? 'blanks' : 'head'] += 1;
      else if (isBlank(row)) count.blanks += 1;
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

interface Table {
  format: ListGuess['format'];
  choice: ListChoice;
  sheets: string[];
  /** The first line that may be a row: lines above it name the delimiter. */
  firstLine: number;
  batches: AsyncGenerator<CsvRow[]>;
  lineCount: () => number;
}

async function openTable(file: ListFile, choice: ListChoice): Promise<Table> {
  const start = await bytesOf(file.open(0, sampleBytes));
  const encoding = choice.encoding ?? (await guessEncoding(start));
  const sample = await firstLines(file, encoding);
  const at = sample.findIndex(({ text }) => text.trim());
  const named = delimiterNamedBy(sample[at]);
  const delimiter = choice.delimiter ?? named ?? delimiterOf(sample);
  let lines = 0;
  const counting = async function* (batches: AsyncIterable<Line[]>) {
    for await (const batch of batches) {
      lines += batch.length;
      yield batch;
    }
  };
  const text = decodeText(file.open(), { hasByteOrderMark: false, windows1252Lines: 0 }, encoding);
  return {
    format: 'CSV',
    choice: { encoding, delimiter },
    sheets: [],
    firstLine: named === null ? 1 : at + 2,
    batches: rowsOf(counting(linesOf(text)), { delimiter, mostLines }),
    lineCount: () => lines,
  };
}

/** Where all cells are addresses, as in a copied line of recipients, they are one column, and each line is one cell. */
function delimiterOf(sample: readonly Line[]): string {
  const delimiter = guessDelimiter(sample, true);
  const cells = sample.map(({ text }) => text.split(delimiter).filter((cell) => cell.trim()));
  const isOneColumn =
    cells.some(({ length }) => length > 1) && cells.flat().every((cell) => cell.includes('@'));
  return isOneColumn ? noDelimiter : delimiter;
}

async function firstLines(file: ListFile, encoding: ListChoice['encoding']): Promise<Line[]> {
  const lines: Line[] = [];
  const text = decodeText(
    file.open(0, sampleBytes),
    { hasByteOrderMark: false, windows1252Lines: 0 },
    encoding,
  );
  for await (const batch of linesOf(text)) {
    lines.push(...batch);
    if (lines.length >= sampleLines) break;
  }
  return lines.slice(0, sampleLines);
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
