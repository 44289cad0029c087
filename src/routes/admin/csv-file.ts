/** A CSV file as an answer, streamed row by row. */
import type { Response } from 'express';
import { csvText } from '../../csv/write.js';
import { sendText } from '../send-text.js';

/**
 * Sends a file. Memory stays flat, since rows are read only as fast as the client receives them.
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
  await sendText(response, csvText(rows, columns));
}
