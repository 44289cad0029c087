/** Adds its links to each row of a mail-merge file, streaming: a file of any length takes the same memory. */
import { openCsv } from '../../csv/read.js';
import type { CsvRow } from '../../csv/rows.js';
import { csvLine, withoutFormulas } from '../../csv/write.js';
import { DomainError } from '../../errors.js';
import { reading } from '../consent/durability.js';
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
  onRow?: (count: MergeCount) => void;
}

export interface MergeCount {
  rows: number;
  /** Of these, the rows without links; their column `sayso_error` says why. */
  refused: number;
  /** Lines that are not UTF-8, and were read as Windows-1252. */
  windows1252Lines: number;
}

/** Physical lines: a row of a mail-merge file may hold a whole letter. */
const mostLines = 500;

/**
 * Gives the file back with the links of each row. The marketer's own columns keep their content, formulas too; columns that an earlier run
 * added are replaced. A row that cannot be read, or that no link can be made for, is kept, with the reason in `sayso_error`. Blank rows are
 * left out, and so is a first line such as `sep=;`, since mail programs take the first line as the names.
 * @returns the new file's text, in pieces, in UTF-8 with the delimiter, the line ends and the byte order mark of the old one
 * @throws DomainError `INVALID_FILE` where the first line cannot be read or has no such column, or no row follows; `UNKNOWN_UNIT`,
 *   `UNKNOWN_TYPE`, `TYPE_ARCHIVED`, `INVALID_FORM` before the first row, and what ends `mintLinks`
 */
export async function* mergeLinks(deps: LinkDeps, input: MailMergeInput): AsyncGenerator<string> {
  targetOf(await reading(() => deps.catalogue()), input.target);
  const { names, style, rows, facts } = await openCsv(input.bytes, { mostLines });
  const at = positionOf(input.column, names);
  const kept = names.flatMap((name, index) => (isAdded(name) ? [] : [index]));
  const line = (own: readonly string[], added: readonly string[]) =>
    csvLine([...kept.map((index) => own[index] ?? ''), ...added], style);

  const waiting: CsvRow[] = [];
  const count = { rows: 0, refused: 0 };
  for await (const result of mintLinks(deps, recipientsOf(rows, at, input.target, waiting), {
    hasFooter: true,
  })) {
    if (count.rows === 0) yield (style.hasByteOrderMark ? '\uFEFF' : '') + line(names, addedColumns);
    // `mintLinks` answers in order and for each, so the row that waits longest is the one that is answered.
    const row = waiting.shift();
    const added = row?.fault ? refusedCells(`Line ${row.line}: ${row.fault}`) : cellsOf(result);
    yield line(ownCells(row, names.length, style.delimiter), withoutAnyFormula(added, style.delimiter));
    count.rows += 1;
    if (row?.fault || 'refusal' in result) count.refused += 1;
    input.onRow?.({ ...count, windows1252Lines: facts.windows1252Lines });
  }
  if (count.rows === 0)
    throw new DomainError('INVALID_FILE', 'The file names its columns and has no row; nothing was written.');
}

/** A row that cannot be read for certain gets no link: its address could be another's. */
async function* recipientsOf(
  rows: AsyncIterable<CsvRow>,
  at: number,
  target: Omit<Recipient, 'address'>,
  waiting: CsvRow[],
): AsyncGenerator<Recipient> {
  for await (const row of rows) {
    waiting.push(row);
    yield { ...target, address: row.fault ? '' : (row.cells[at] ?? '') };
  }
}

/** The cells of a row that has too many go together into its last column, so that none is lost. */
function ownCells(row: CsvRow | undefined, width: number, delimiter: string): string[] {
  const cells = row?.cells ?? [];
  return cells.length > width
    ? [...cells.slice(0, width - 1), cells.slice(width - 1).join(delimiter)]
    : cells;
}

function positionOf(column: string, names: readonly string[]): number {
  const isIt = (name: string) => name.trim().toLowerCase() === column.trim().toLowerCase();
  const at = names.findIndex(isIt);
  // Otherwise a row could be mailed to the address of one column with the links of the other.
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

function refusedCells(reason: string): string[] {
  return [...addedColumns.slice(0, -1).map(() => ''), reason];
}

function cellsOf(result: LinkSet | RefusedRecipient): string[] {
  if ('refusal' in result) return refusedCells(result.refusal.message);
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
  ];
}

/** Of our cells alone: the marketer's own formulas stay. */
function withoutAnyFormula(cells: readonly string[], delimiter: string): string[] {
  return cells.map((cell) => withoutFormulas(cell, delimiter));
}
