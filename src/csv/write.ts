/** Writes CSV, in which no cell of ours is a formula to a spreadsheet, whatever separates the cells in its country. */
import { stringify } from 'csv-stringify/sync';

export interface CsvStyle {
  delimiter: string;
  newline: '\n' | '\r\n';
  /** Tells spreadsheets that the file is UTF-8. */
  hasByteOrderMark: boolean;
}

/** For people who open the file in a spreadsheet; RFC 4180, section 2. */
export const spreadsheetStyle: CsvStyle = { delimiter: ',', newline: '\r\n', hasByteOrderMark: true };

/** The characters that begin a formula, also in the full width that East Asian keyboards write. */
const formulaStart = '[=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20]';
const atStart = new RegExp(`^(?=${formulaStart}|[\\t\\r])`);
/** A spreadsheet of another country, or one that ignores the quotation marks, begins a new cell after each of these. */
const afterBreaks = new RegExp(`([;\\t\\r\\n]"*)(?=${formulaStart})`, 'g');
const afterBreaksAndCommas = new RegExp(`([,;\\t\\r\\n]"*)(?=${formulaStart})`, 'g');

/**
 * Puts an apostrophe before each place of a cell where a spreadsheet could read a formula (OWASP "CSV Injection").
 * @param delimiter that of the file: where it is not the comma, a comma too begins a cell elsewhere
 */
export function withoutFormulas(cell: string, delimiter: string): string {
  return cell.replace(delimiter === ',' ? afterBreaks : afterBreaksAndCommas, "$1'").replace(atStart, "'");
}

/** One line, with its end. Cells are written as they are, formulas too. */
export function csvLine(cells: readonly string[], { delimiter, newline }: CsvStyle): string {
  // By itself it quotes a cell with the newline of this file only, and readers end a row at either.
  return stringify([[...cells]], { delimiter, record_delimiter: newline, quoted_match: /[\r\n]/ });
}

/** A whole file, line by line, without formulas. */
export async function* csvText(
  rows: AsyncIterable<readonly string[]>,
  columns: readonly string[],
  style: CsvStyle = spreadsheetStyle,
): AsyncGenerator<string> {
  const line = (cells: readonly string[]) =>
    csvLine(
      cells.map((cell) => withoutFormulas(cell, style.delimiter)),
      style,
    );
  yield (style.hasByteOrderMark ? '\uFEFF' : '') + line(columns);
  for await (const cells of rows) yield line(cells);
}
