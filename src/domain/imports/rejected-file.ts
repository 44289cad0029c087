/** Writes the rejected rows of an import to their file while the list is read, in little memory. */
import { PassThrough } from 'node:stream';
import { csvText } from '../../csv/write.js';
import type { ImportDeps } from './contract.js';
import { storeRejected } from './list-file.js';

export interface RejectedRow {
  line: number;
  value: string;
  reason: string;
}

/** Opens the file; an earlier one of the import is replaced. `end` it once all rows are written, and `close` it in any case. */
export function openRejectedFile(deps: Pick<ImportDeps, 'models' | 'clock'>, importId: string) {
  const rows = new PassThrough({ objectMode: true, highWaterMark: 100 });
  const storing = storeRejected(deps, importId, rejectedText(rows));
  storing.catch((error: unknown) => rows.destroy(error instanceof Error ? error : undefined));
  return {
    async add(row: RejectedRow): Promise<void> {
      if (rows.write(row)) return;
      await new Promise<void>((resolve, reject) => {
        rows.once('drain', resolve).once('error', reject).once('close', resolve);
      });
    },
    async end(): Promise<void> {
      rows.end();
      await storing;
    },
    async close(): Promise<void> {
      rows.destroy();
      await storing.catch(() => undefined);
    },
  };
}

async function* rejectedText(rows: AsyncIterable<RejectedRow>): AsyncGenerator<Uint8Array> {
  const cells = async function* () {
    for await (const { line, value, reason } of rows) yield [String(line), value, reason];
  };
  for await (const text of csvText(cells(), ['Line', 'Value', 'Reason'])) yield Buffer.from(text);
}
