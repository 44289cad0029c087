/** Reads the rows of a sheet as a stream, as texts. */
import type { CsvRow } from '../csv/rows.js';
import type { Workbook } from './workbook.js';
import { parseXml } from './xml.js';

/** Limits of Excel: a reference beyond them is not followed. */
const mostColumns = 16_384;
const mostRows = 1_048_576;
const millisecondsPerDay = 86_400_000;

/**
 * Reads the rows in batches. Rows that the sheet leaves out are one row without cells, so that every row has the number that a spreadsheet shows.
 * @throws DomainError `INVALID_FILE` if the sheet is damaged
 */
export async function* sheetRows(workbook: Workbook, sheet: string): AsyncGenerator<CsvRow[]> {
  let rows: CsvRow[] = [];
  let line = 0;
  let cells: string[] = [];
  let cell = { column: 0, kind: '', style: 0, text: '' };
  let [isText, phonetic] = [false, 0];
  const parsing = parseXml(workbook.openSheet(sheet), {
    open: (name, { r = '', t = 'n', s = '0' }) => {
      if (name === 'row') {
        const until = Math.min(Number(r) || line + 1, mostRows);
        // Rows are in order; a number that is not higher is wrong.
        line += 1;
        if (line < until) rows.push({ line, lines: until - line, cells: [] });
        line = Math.max(line, until);
        cells = [];
      }
      if (name === 'c') cell = { column: columnOf(r) ?? cells.length, kind: t, style: Number(s), text: '' };
      if (name === 'rPh') phonetic += 1;
      isText = name === 'v' || (name === 't' && phonetic === 0);
    },
    text: (part) => {
      if (isText) cell.text += part;
    },
    close: (name) => {
      isText = false;
      if (name === 'rPh') phonetic -= 1;
      if (name === 'c' && cell.text && cell.column < mostColumns) {
        while (cells.length < cell.column) cells.push('');
        cells[cell.column] = valueOf(cell, workbook);
      }
      if (name === 'row') rows.push({ line, lines: 1, cells });
    },
  });
  for await (const _ of parsing) {
    if (rows.length === 0) continue;
    yield rows;
    rows = [];
  }
}

/** The column of a reference such as `C5`, from 0. */
function columnOf(reference: string): number | null {
  let column = 0;
  for (const letter of reference) {
    const code = letter.charCodeAt(0) - 64;
    if (code < 1 || code > 26) break;
    column = column * 26 + code;
  }
  return column > 0 ? column - 1 : null;
}

function valueOf(
  { kind, style, text }: { kind: string; style: number; text: string },
  workbook: Workbook,
): string {
  if (kind === 's') return workbook.textOf(Number(text));
  if (kind === 'b') return text === '1' ? 'TRUE' : 'FALSE';
  if (kind !== 'n') return text;
  const number = Number(text);
  if (Number.isNaN(number)) return text;
  if (workbook.isDate(style)) return dateOf(number, workbook.is1904);
  // Programs write a long number as 4.79E10.
  return Number.isSafeInteger(number) ? String(number) : text;
}

/** A date as `2026-11-28`, with its time if it has one. */
function dateOf(days: number, is1904: boolean): string {
  // Excel counts 29 February 1900, which did not exist, so day 0 is 30 December 1899 for all later dates.
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const date = new Date(epoch + Math.round(days * 86_400) * 1000);
  if (Number.isNaN(date.getTime())) return String(days);
  const text = date.toISOString();
  return date.getTime() % millisecondsPerDay === 0
    ? text.slice(0, 10)
    : `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}
