/** The first rejected rows of an import, for its page. All of them are in the CSV file that staff can download. */
import { rejectedRows } from './list-file.js';
import type { ImportDeps, WhichImport } from './contract.js';
import type { RejectedRow } from './rejected-file.js';

/** The apostrophe that keeps a cell of the file from being a formula does not belong to the value. */
const guard = /^'(?=[=+\-@])/;

/**
 * @param most rows to return
 * @returns none if no row was rejected, or the file has expired
 * @throws DomainError `NOT_FOUND` if the scope has no such import
 */
export async function firstRejectedRows(
  deps: Pick<ImportDeps, 'models' | 'clock'>,
  which: WhichImport,
  most: number,
): Promise<RejectedRow[]> {
  const bytes = await rejectedRows(deps, which);
  if (!bytes) return [];
  const { openCsv } = await import('../../csv/read.js');
  const first: RejectedRow[] = [];
  try {
    for await (const { cells } of (await openCsv(bytes)).rows) {
      const [line = '', value = '', reason = ''] = cells;
      first.push({ line: Number(line), value: value.replace(guard, ''), reason });
      if (first.length === most) break;
    }
  } finally {
    await bytes.return(undefined);
  }
  return first;
}
