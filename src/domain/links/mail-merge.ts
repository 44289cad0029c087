/** Adds links to each row of a mail-merge file. It streams, so memory does not depend on the length of the file. */
import { openCsv } from '../../csv/read.js';
import type { CsvRow } from '../../csv/rows.js';
import { csvLine, withoutFormulas } from '../../csv/write.js';
import { DomainError } from '../../errors.js';
import { reading } from '../consent/durability.js';
import { mintLinks, type LinkDeps, type RefusedRecipient } from './mint-links.js';
import type { LinkSet } from './link-set.js';
import { targetOf, type Recipient } from './recipient.js';

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
  /** Name of the column with the addresses; case is ignored. */
  column: string;
  /** The target of every link of the file. */
  target: Omit<Recipient, 'address'>;
  /** Called after each row, with the number of rows so far. */
  onRow?: (count: MergeCount) => void;
}

export interface MergeCount {
  rows: number;
  /** The number of rows without links. Their column `sayso_error` holds the reason. */
  refused: number;
  /** Lines that are not UTF-8, and were read as Windows-1252. */
  windows1252Lines: number;
}

/** In physical lines: a row of a mail-merge file may hold a whole letter. */
const mostLines = 500;

/**
 * Returns the file with the links of each row. The marketer's own columns keep their content, including formulas; columns of an earlier run are
 * replaced. A row that cannot be read, or gets no link, is kept with the reason in `sayso_error`, also one of empty cells. Blank lines and a first
 * line such as `sep=;` are left out, since mail programs read the names from the first line.
 * @returns the new file's text, in pieces, in UTF-8 with the delimiter, the line ends and the byte order mark of the old one
 * @throws DomainError `INVALID_FILE` if the first line cannot be read or lacks the column, or no row follows; `UNKNOWN_UNIT`, `UNKNOWN_TYPE`,
 *   `TYPE_ARCHIVED`, `INVALID_FORM` before the first row; and errors of `mintLinks`
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
    // `mintLinks` answers every row in order, so each answer belongs to the row that has waited longest.
    const row = waiting.shift();
    const added = row?.fault ? refusedCells(`Line ${row.line}: ${row.fault}`) : cellsOf(result);
    yield line(ownCells(row, names.length, style.delimiter), withoutAnyFormula(added, style.delimiter));
    count.rows += 1;
    if (row?.fault || 'refusal' in result) count.refused += 1;
    input.onRow?.({ ...count, windows1252Lines: facts.windows1252Lines });
  }
  if (count.rows === 0)
    throw new DomainError('INVALID_FILE', 'The file has column names but no rows, so nothing was written.');
}

/** A row that cannot be read reliably gets no link: its address could be another's. */
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

/** The surplus cells of a row go together into its last column, so that none is lost. */
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
    // Without the signature separator: to a spreadsheet, a cell that begins with "-" is a formula.
    footer?.text.replace(/^-- \r?\n/, '').trim() ?? '',
    '',
  ];
}

/** For added cells only: the marketer's own formulas stay. */
function withoutAnyFormula(cells: readonly string[], delimiter: string): string[] {
  return cells.map((cell) => withoutFormulas(cell, delimiter));
}
