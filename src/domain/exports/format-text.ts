/** Rows as the text of a file: CSV without formulas, or NDJSON. Loaded with the first export, since the CSV library is not needed before. */
import { csvLines } from '../../csv/write.js';
import type { CsvStyle } from '../../csv/write.js';
import type { Cell } from './contract.js';
import { delimiters } from './format.js';
import type { ExportFormat } from './format.js';

/** The first line of a file; empty for NDJSON. */
export function headOf(columns: readonly string[], format: ExportFormat): string {
  if (format.kind === 'NDJSON') return '';
  return (format.hasByteOrderMark ? '\uFEFF' : '') + csvLines([columns], styleOf(format));
}

/** Rows as text, each with its line end. */
export function textOf(
  rows: readonly (readonly Cell[])[],
  columns: readonly string[],
  format: ExportFormat,
): string {
  if (format.kind === 'CSV')
    return csvLines(
      rows.map((row) => row.map((cell) => cell ?? '')),
      styleOf(format),
    );
  return rows
    .map(
      (row) => `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])))}\n`,
    )
    .join('');
}

function styleOf({ delimiter, hasByteOrderMark }: ExportFormat): CsvStyle {
  return { delimiter: delimiters[delimiter], newline: '\r\n', hasByteOrderMark };
}
