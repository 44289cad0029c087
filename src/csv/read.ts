/** Reads CSV files: streaming, with the physical line of each row and the reason for each unreadable row. */
import { DomainError } from '../errors.js';
import { decodeText } from './decode.js';
import type { TextFacts } from './decode.js';
import { delimiterNamedBy, guessDelimiter } from './delimiter.js';
import { linesOf } from './lines.js';
import type { Line } from './lines.js';
import { rowsOf } from './rows.js';
import type { CsvRow } from './rows.js';
import type { CsvStyle } from './write.js';

/** Physical lines by outcome. Once all rows are read, `lines` is the sum of the others. */
export interface LineCount {
  lines: number;
  /** Lines of the column names, of rows, and of a first line such as `sep=;`. */
  read: number;
  /** Lines without a cell, and rows of empty cells before the names of the columns. */
  blank: number;
  /** Rows with a fault. */
  rejected: number;
}

export interface CsvFile {
  /** The first row that is not blank. */
  names: string[];
  /** The format of the file, so that output can have the same format. */
  style: CsvStyle;
  /** The other rows, readable once. Each has a cell for each column name, or a fault. */
  rows: AsyncGenerator<CsvRow>;
  /** Both grow while rows are read. */
  count: LineCount;
  facts: TextFacts;
}

/** Workbooks and archives have these in their first line, and texts do not. NUL is removed before. */
const controls = /[\x01-\x08\x0e-\x1a\x1c-\x1f]/;

/** Lines used to guess the delimiter. */
const sampleLines = 100;

/**
 * Opens a file with column names in its first line.
 * Missing cells at the end of a row are empty, and surplus empty cells are dropped, since spreadsheets write both.
 * @param mostLines maximum number of lines per row; a quotation mark that is open for longer is a fault of its row
 * @throws DomainError `INVALID_FILE` if the file is not a text, or the first line is missing or cannot be read
 */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  { mostLines = 20 }: { mostLines?: number } = {},
): Promise<CsvFile> {
  const facts: TextFacts = { hasByteOrderMark: false, windows1252Lines: 0 };
  const count: LineCount = { lines: 0, read: 0, blank: 0, rejected: 0 };
  const batches = linesOf(decodeText(bytes, facts));
  const start: Line[] = [];
  while (start.length < sampleLines) {
    const { value, done } = await batches.next();
    if (done) break;
    start.push(...value);
  }
  const first = start.findIndex(({ text }) => text.trim());
  if (controls.test(start[first]?.text ?? ''))
    throw new DomainError('INVALID_FILE', 'This file is not a text: save the list as CSV.');
  const named = delimiterNamedBy(start[first]);
  const delimiter = named ?? guessDelimiter(start.slice(0, sampleLines));
  const rows = filled(rowsOf(counted(start, batches, count), { delimiter, mostLines }), count);
  let names = await rows.next();
  if (named !== null && !names.done) names = await rows.next();
  if (names.done)
    throw new DomainError('INVALID_FILE', 'The file is empty; its first line must name the columns.');
  const { cells, line, fault } = names.value;
  if (fault) throw new DomainError('INVALID_FILE', `Line ${line} must name the columns. ${fault}`);
  return {
    names: cells,
    style: {
      delimiter,
      // Few programs still read files with CR alone as line end.
      newline: start[first]?.end === '\n' ? '\n' : '\r\n',
      hasByteOrderMark: facts.hasByteOrderMark,
    },
    rows: fitted(rows, cells.length, count),
    count,
    facts,
  };
}

async function* counted(
  start: Line[],
  rest: AsyncIterable<Line[]>,
  count: LineCount,
): AsyncGenerator<Line[]> {
  count.lines += start.length;
  yield start;
  for await (const batch of rest) {
    count.lines += batch.length;
    yield batch;
  }
}

/** Without blank lines, and without rows of empty cells before the names of the columns. */
async function* filled(batches: AsyncIterable<CsvRow[]>, count: LineCount): AsyncGenerator<CsvRow> {
  let isNamed = false;
  for await (const batch of batches) {
    for (const row of batch) {
      const isBlank: boolean =
        !row.fault && (isNamed ? row.cells.length === 0 : row.cells.every((cell) => !cell.trim()));
      isNamed ||= !isBlank;
      count[isBlank ? 'blank' : row.fault ? 'rejected' : 'read'] += row.lines;
      if (!isBlank) yield row;
    }
  }
}

async function* fitted(rows: AsyncIterable<CsvRow>, width: number, count: LineCount): AsyncGenerator<CsvRow> {
  for await (const row of rows) {
    if (row.fault) yield row;
    else if (row.cells.slice(width).some((cell) => cell.trim())) {
      count.read -= row.lines;
      count.rejected += row.lines;
      const fault = `It has ${row.cells.length} cells, but the first line names ${width} columns.`;
      yield { ...row, fault };
    } else {
      yield { ...row, cells: Array.from({ length: width }, (_, at) => row.cells[at] ?? '') };
    }
  }
}
