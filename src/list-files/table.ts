/** Opens a file as a table of rows: a text with delimiters, the only list in a ZIP file, or a sheet of a workbook. */
import { Readable } from 'node:stream';
import { decodeText } from '../csv/decode.js';
import { delimiterNamedBy, guessDelimiter, noDelimiter } from '../csv/delimiter.js';
import { guessEncoding } from '../csv/encoding.js';
import { linesOf } from '../csv/lines.js';
import type { Line } from '../csv/lines.js';
import { rowsOf } from '../csv/rows.js';
import type { CsvRow } from '../csv/rows.js';
import { DomainError } from '../errors.js';
import type { Zip } from '../xlsx/zip.js';
import type { ListChoice, ListFile, ListGuess } from './contract.js';
import { isColumnName } from './columns.js';
import { formatOf, listInZip, misnamedSentence } from './format.js';

export interface Table {
  format: ListGuess['format'];
  /** With what was detected. */
  choice: Omit<ListChoice, 'headerLine'>;
  sheets: string[];
  /** The first line that may be a row: a line above it names the delimiter. */
  firstLine: number;
  /** Why it is refused if it has no addresses: a text with the name of another format. */
  misnamed?: string | null;
  /** All rows, readable once. */
  batches: AsyncGenerator<CsvRow[]>;
  /** Lines that were read so far. */
  lineCount: () => number;
}

/** From the beginning of a file, to detect how it is read. */
const sampleBytes = 262_144;
const sampleLines = 100;
/** A quotation mark that is open for longer is treated as an error. */
const mostLines = 20;

/**
 * Opens a file by its content.
 * @throws DomainError `INVALID_FILE`: one sentence that says what the file is and what to do
 */
export async function openTable(file: ListFile, choice: ListChoice): Promise<Table> {
  const start = await bytesOf(file.open(0, sampleBytes));
  if ((await formatOf(file, start)) === 'TEXT')
    return { ...(await textTable(file, start, choice)), misnamed: misnamedSentence(file.name) };
  const { openZip } = await import('../xlsx/zip.js');
  const zip = await openZip(file);
  const list = await listInZip(zip);
  return list.workbook ? await sheetTable(zip, choice) : await openTable(entryAsFile(zip, list.name), choice);
}

/** An entry can only be read from its beginning. */
function entryAsFile(zip: Zip, name: string): ListFile {
  async function* bytes(end: number): AsyncGenerator<Uint8Array> {
    let read = 0;
    for await (const chunk of zip.read(name)) {
      yield chunk.subarray(0, end - read);
      read += chunk.length;
      if (read >= end) return;
    }
  }
  return { name, size: zip.sizeOf(name), open: (_, end = Infinity) => Readable.from(bytes(end)) };
}

async function sheetTable(zip: Zip, choice: ListChoice): Promise<Table> {
  const { openWorkbook } = await import('../xlsx/workbook.js');
  const { sheetRows } = await import('../xlsx/sheet-rows.js');
  const workbook = await openWorkbook(zip);
  const sheet = choice.sheet ?? workbook.sheets[0] ?? '';
  if (!workbook.sheets.includes(sheet))
    throw new DomainError('INVALID_FILE', `The workbook has no sheet “${sheet}”: choose one of its sheets.`);
  let lines = 0;
  const counting = async function* () {
    for await (const batch of sheetRows(workbook, sheet)) {
      lines += batch.reduce((sum, row) => sum + row.lines, 0);
      yield batch;
    }
  };
  return {
    format: 'XLSX',
    choice: { sheet },
    sheets: workbook.sheets,
    firstLine: 1,
    batches: counting(),
    lineCount: () => lines,
  };
}

async function textTable(file: ListFile, start: Buffer, choice: ListChoice): Promise<Table> {
  const encoding = choice.encoding ?? (await guessEncoding(start));
  const text = (from: AsyncIterable<Uint8Array>) =>
    decodeText(from, { hasByteOrderMark: false, windows1252Lines: 0 }, encoding);
  const sample: Line[] = [];
  for await (const batch of linesOf(text(Readable.from([start])))) sample.push(...batch);
  // The last line may be cut.
  if (sample.length > 1 && file.size > start.length) sample.pop();
  const at = sample.findIndex((line) => line.text.trim());
  const named = delimiterNamedBy(sample[at]);
  const delimiter = choice.delimiter ?? named ?? delimiterOf(sample.slice(0, sampleLines));
  let lines = 0;
  const counting = async function* () {
    for await (const batch of linesOf(text(file.open()))) {
      lines += batch.length;
      yield batch;
    }
  };
  return {
    format: 'CSV',
    choice: { encoding, delimiter },
    sheets: [],
    firstLine: named === null ? 1 : at + 2,
    batches: rowsOf(counting(), { delimiter, mostLines }),
    lineCount: () => lines,
  };
}

/**
 * Each line is one cell where all cells are addresses, as in a copied line of recipients, and below a header of one cell: `Lee, Ann <ann@example.com>`
 * has no delimiter.
 */
function delimiterOf(sample: readonly Line[]): string {
  const texts = sample.map(({ text }) => text).filter((text) => text.trim());
  const [first = ''] = texts;
  const delimiter = guessDelimiter(sample, true);
  const cells = texts.flatMap((text) => text.split(delimiter).filter((cell) => cell.trim()));
  const areAddresses = cells.length > texts.length && cells.every((cell) => cell.includes('@'));
  const isOneLine = texts.length === 1 && first.split('@').length > 2;
  // If it is a title instead, a header with a known name follows.
  const isTitle = texts.slice(1).some((text) => text.split(delimiter).some((cell) => isColumnName(cell)));
  const isOneColumn = !first.includes(delimiter) && isColumnName(first) && !isTitle;
  return areAddresses || isOneLine || isOneColumn ? noDelimiter : delimiter;
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts);
}
