/** Writes CSV so that no added cell is a formula in a spreadsheet, for any delimiter. */
import { stringify } from 'csv-stringify/sync';

export interface CsvStyle {
  delimiter: string;
  newline: '\n' | '\r\n';
  /** Tells spreadsheets that the file is UTF-8. */
  hasByteOrderMark: boolean;
}

/** For people who open the file in a spreadsheet; RFC 4180, section 2. */
export const spreadsheetStyle: CsvStyle = { delimiter: ',', newline: '\r\n', hasByteOrderMark: true };

/** The characters that begin a formula, also in full-width form as East Asian keyboards type them. */
const formulaStart = '[=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20]';
const atStart = new RegExp(`^(?=${formulaStart}|[\\t\\r])`);
/** A spreadsheet with another locale, or one that ignores quotation marks, begins a new cell after each of these. */
const afterBreaks = new RegExp(`([;\\t\\r\\n]"*)(?=${formulaStart})`, 'g');
const afterBreaksAndCommas = new RegExp(`([,;\\t\\r\\n]"*)(?=${formulaStart})`, 'g');

/**
 * Puts an apostrophe before each position of a cell where a spreadsheet could read a formula (OWASP "CSV Injection").
 * @param delimiter of the file; if it is not the comma, a comma too may begin a cell elsewhere
 */
export function withoutFormulas(cell: string, delimiter: string): string {
  return cell.replace(delimiter === ',' ? afterBreaks : afterBreaksAndCommas, "$1'").replace(atStart, "'");
}

/** One line, with its end. Cells are written unchanged, including formulas. */
export function csvLine(cells: readonly string[], { delimiter, newline }: CsvStyle): string {
  // By default it quotes a cell only for this file's newline, but readers end a row at any newline.
  return stringify([[...cells]], { delimiter, record_delimiter: newline, quoted_match: /[\r\n]/ });
}

/** Lines of a file, each with its end, without formulas. */
export function csvLines(rows: readonly (readonly string[])[], style: CsvStyle): string {
  const { delimiter, newline } = style;
  const cells = rows.map((row) => row.map((cell) => withoutFormulas(cell, delimiter)));
  return stringify(cells, { delimiter, record_delimiter: newline, quoted_match: /[\r\n]/ });
}

/** A whole file, line by line, without formulas. */
export async function* csvText(
  rows: AsyncIterable<readonly string[]>,
  columns: readonly string[],
  style: CsvStyle = spreadsheetStyle,
): AsyncGenerator<string> {
  yield (style.hasByteOrderMark ? '\uFEFF' : '') + csvLines([columns], style);
  for await (const cells of rows) yield csvLines([cells], style);
}
