/** Adds its links to each row of a mail-merge file, streaming: a file of any length takes the same memory. */
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { DomainError } from '../../errors.js';
import { reading } from '../consent/durability.js';
import { decodeText, readManner } from './csv-text.js';
import type { CsvManner } from './csv-text.js';
import { mintLinks } from './mint-links.js';
import type { LinkDeps, RefusedRecipient } from './mint-links.js';
import type { LinkSet } from './link-set.js';
import { targetOf } from './recipient.js';
import type { Recipient } from './recipient.js';

/** The columns that are added, in this order; `sayso_error` says why a row got no links. */
export const addedColumns = [
  'sayso_manage_url',
  'sayso_unsubscribe_url',
  'sayso_unsubscribe_one_url',
  'sayso_list_unsubscribe',
  'sayso_list_unsubscribe_post',
  'sayso_footer_html',
  'sayso_footer_text',
  'sayso_error',
] as const;

export interface MailMergeInput {
  /** The file, as bytes. Its first line names the columns. */
  bytes: AsyncIterable<Uint8Array>;
  /** Name of the column with the addresses; upper and lower case are one. */
  column: string;
  /** What every link of the file is about. */
  target: Omit<Recipient, 'address'>;
  /** Told after each row, of the rows so far. */
  onRow?: (count: { rows: number; refused: number }) => void;
}

/** A row may hold a whole letter, but a quotation mark that is never closed must not swallow the file. */
const longestRow = 1_000_000;

/**
 * Gives the file back with the links of each row. The marketer's own columns keep their content, formulas too; columns that an earlier run
 * added are replaced. A row that no link can be made for is kept, with the reason in `sayso_error`.
 * @returns the new file's text, in pieces, in UTF-8 with the separator, the newlines and the byte order mark of the old one
 * @throws DomainError `INVALID_FILE` naming the line that cannot be read, `UNKNOWN_UNIT`, `UNKNOWN_TYPE`, `TYPE_ARCHIVED`, `INVALID_FORM`
 *   before the first row, and what ends `mintLinks`
 */
export async function* mergeLinks(deps: LinkDeps, input: MailMergeInput): AsyncGenerator<string> {
  targetOf(await reading(() => deps.catalogue()), input.target);
  const { manner, text } = await readManner(decodeText(input.bytes));
  const rows = readRows(text, manner);
  const { value: names, done } = await rows.next();
  if (done) throw new DomainError('INVALID_FILE', 'The file is empty; its first line must name the columns.');
  const at = positionOf(input.column, names);
  const kept = names.flatMap((name, index) => (isAdded(name) ? [] : [index]));
  const line = (own: string[], added: readonly string[]) =>
    writeLine([...kept.map((index) => own[index] ?? ''), ...added], manner);

  yield (manner.hasByteOrderMark ? '\uFEFF' : '') + line(names, addedColumns);
  const waiting: string[][] = [];
  const count = { rows: 0, refused: 0 };
  for await (const result of mintLinks(deps, recipientsOf(rows, at, input.target, waiting), {
    hasFooter: true,
  })) {
    // `mintLinks` answers in order and for each, so the row that waits longest is the one that is answered.
    yield line(waiting.shift() ?? [], cellsOf(result));
    count.rows += 1;
    if ('refusal' in result) count.refused += 1;
    input.onRow?.(count);
  }
}

async function* recipientsOf(
  rows: AsyncIterable<string[]>,
  at: number,
  target: Omit<Recipient, 'address'>,
  waiting: string[][],
): AsyncGenerator<Recipient> {
  for await (const row of rows) {
    waiting.push(row);
    yield { ...target, address: row[at] ?? '' };
  }
}

async function* readRows(text: AsyncGenerator<string>, { separator }: CsvManner): AsyncGenerator<string[]> {
  let line = 0;
  const parser = parse({
    delimiter: separator,
    record_delimiter: ['\r\n', '\n'],
    bom: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    on_record: (row: string[], { lines }) => {
      line = lines;
      return row;
    },
  });
  try {
    // What goes wrong on the way comes out of the parser, so there is nothing for the callback to do.
    const rows: AsyncIterable<string[]> = pipeline(text, parser, () => undefined);
    for await (const row of rows) yield row;
  } catch (error) {
    throw error instanceof CsvError ? new DomainError('INVALID_FILE', sentenceOf(error, line)) : error;
  }
}

/** @param lastGood the line in which the last readable row ended */
function sentenceOf(error: CsvError, lastGood: number): string {
  const line = String(error['lines']);
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return `Line ${line} has another number of columns than the first line.`;
    case 'CSV_QUOTE_NOT_CLOSED':
      return `The row that begins in line ${lastGood + 1} has a quotation mark that is never closed.`;
    case 'CSV_MAX_RECORD_SIZE':
      return `The row that begins in line ${lastGood + 1} is longer than a million bytes: shorten it, or close a quotation mark that is still open there.`;
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return `Line ${line} has a quotation mark within a value: double it, and put the whole value in quotation marks.`;
    default:
      return `Line ${line} cannot be read as CSV.`;
  }
}

function positionOf(column: string, names: readonly string[]): number {
  const isIt = (name: string) => name.trim().toLowerCase() === column.trim().toLowerCase();
  const at = names.findIndex(isIt);
  // Whoever is mailed by the one column must not get links of the address in the other.
  if (at !== names.findLastIndex(isIt))
    throw new DomainError(
      'INVALID_FILE',
      `The first line names "${column}" twice: rename the column that does not hold the addresses.`,
    );
  if (at >= 0) return at;
  throw new DomainError(
    'INVALID_FILE',
    `The first line names no column "${column}"; it names ${names.join(', ')}: say which with --column.`,
  );
}

function isAdded(name: string): boolean {
  return addedColumns.some((added) => added === name);
}

function cellsOf(result: LinkSet | RefusedRecipient): string[] {
  if ('refusal' in result) return [...addedColumns.slice(0, -1).map(() => ''), result.refusal.message];
  const { headers, footer } = result;
  return [
    result.managePreferencesUrl,
    result.unsubscribeAllUrl,
    result.unsubscribeSingleUrl ?? '',
    headers['List-Unsubscribe'],
    headers['List-Unsubscribe-Post'],
    footer?.html.trim() ?? '',
    // Without the line that marks a signature: to a spreadsheet a cell that begins with "-" is a formula.
    footer?.text.replace(/^-- \r?\n/, '').trim() ?? '',
    '',
  ].map(harmless);
}

/** No cell of ours is a formula, whatever a unit is called: what `escape_formulas` does, which would alter the marketer's cells too. */
function harmless(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function writeLine(cells: readonly string[], { separator, newline }: CsvManner): string {
  // By itself it quotes a cell with the newline of this file only, and readers end a row at either.
  return stringify([[...cells]], { delimiter: separator, record_delimiter: newline, quoted_match: /[\r\n]/ });
}
