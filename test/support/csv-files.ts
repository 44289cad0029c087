/** Files of bytes for the tests of the CSV kit, and what is read from them. */
import { openCsv } from '../../src/csv/read.js';
import type { CsvFile } from '../../src/csv/read.js';
import type { CsvRow } from '../../src/csv/rows.js';

/** The parts of a file as a stream. */
export async function* bytesOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

/** A file byte by byte, as the slowest stream sends it. */
export function byteByByte(file: Uint8Array): AsyncGenerator<Uint8Array> {
  return bytesOf(...Array.from(file, (_, at) => file.subarray(at, at + 1)));
}

/** A whole file, read. */
export async function readAll(
  bytes: AsyncIterable<Uint8Array> | string,
  options?: { mostLines?: number },
): Promise<Omit<CsvFile, 'rows'> & { rows: CsvRow[] }> {
  const file = await openCsv(typeof bytes === 'string' ? bytesOf(bytes) : bytes, options);
  const rows: CsvRow[] = [];
  for await (const row of file.rows) rows.push(row);
  return { ...file, rows };
}
