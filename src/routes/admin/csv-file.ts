/** A CSV file as an answer: streamed row by row, with formulas neutralised, since people open such files in spreadsheets. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';

/**
 * Sends a file; memory stays flat, as rows are taken no faster than they are read on the other side.
 * @param name plain ASCII, without quotation marks
 * @param columns the first line
 */
export async function sendCsv(
  response: Response,
  name: string,
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): Promise<void> {
  response.set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
  // The byte order mark tells spreadsheets that it is UTF-8.
  const csv = stringify({
    ...{ bom: true, header: true, columns: [...columns], escape_formulas: true },
    // RFC 4180, section 2.
    record_delimiter: 'windows',
  });
  try {
    await pipeline(Readable.from(rows), csv, response);
  } catch (error) {
    // Whoever went away in the middle is nobody's fault.
    if (!response.destroyed || Object(error)['code'] !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
