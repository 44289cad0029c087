/** Reads all rows of an import's list: it stores their valid addresses in order, and gives their faults to the caller. */
import { DomainError } from '../../errors.js';
import type { Import } from '../../models/import.js';
import type { ImportDeps } from './contract.js';
import { storedList, storeListed } from './list-file.js';
import type { RejectedRow } from './rejected-file.js';
import { openSorter } from './sorted-addresses.js';

/** How far the reading is. */
export interface ReadSoFar {
  rows: number;
  rejected: number;
  /** Rows with a fault of which an address was taken, and the line of the first one. */
  damaged: number;
  firstDamagedLine: number;
  /** Valid addresses, duplicates included. */
  addresses: number;
  /** The file of sorted addresses; empty until the end. */
  listed: string;
}

export const nothingRead: ReadSoFar = {
  ...{ rows: 0, rejected: 0, damaged: 0, firstDamagedLine: 0, addresses: 0, listed: '' },
};

const longestValue = 300;
/** Milliseconds between two reports. */
const reportEveryMs = 250;

/**
 * Reads the list to its end. Every line of the file is accounted for, or it throws.
 * @param onRejected gets each row with something that is not an address
 * @returns the totals so far; the last value has the file of sorted addresses too
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired
 */
export async function* readAddresses(
  deps: ImportDeps,
  one: Import,
  onRejected: (row: RejectedRow) => void | Promise<void> = () => undefined,
): AsyncGenerator<ReadSoFar> {
  const { column, country, ...choice } = one.choice ?? { headerLine: null, column: null, country: null };
  if (column === null) throw new DomainError('INVALID_FILE', 'No column was chosen.');
  const [{ readList }, { readCell }] = await Promise.all([
    import('../../list-files/open-list.js'),
    import('../../list-files/read-cell.js'),
  ]);
  const { batches } = await readList(storedList(deps, one), choice);
  const sofar: ReadSoFar = { ...nothingRead };
  let reportedAt = performance.now();
  const sorter = await openSorter(one.file?.size ?? 0);
  try {
    for await (const rows of batches) {
      for (const row of rows) {
        const value = row.cells[column] ?? '';
        const { found, fault } = readCell(one.channel, value, country);
        for (const address of found) {
          sofar.addresses += 1;
          await sorter.add({ subscriberId: deps.subscriberIds(one.channel, address), address });
        }
        if (row.fault && found.length > 0) {
          sofar.firstDamagedLine ||= row.line;
          sofar.damaged += 1;
        }
        // A row that could not be split reliably may still have its address: an opt-out list takes it.
        const reason = found.length === 0 ? (row.fault ?? fault) : fault;
        if (reason) {
          sofar.rejected += 1;
          await onRejected({ line: row.line, value: value.slice(0, longestValue), reason });
        }
      }
      sofar.rows += rows.length;
      if (performance.now() - reportedAt < reportEveryMs) continue;
      yield sofar;
      reportedAt = performance.now();
    }
    yield { ...sofar, listed: await storeListed(deps, sorter.read()) };
  } finally {
    await sorter.close();
  }
}
