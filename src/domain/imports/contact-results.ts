/** The results of a contact import: one for each row, their counts, and the file in which people read them. */
import { DomainError } from '../../errors.js';
import type { ContactCounts } from '../../models/contact-import.js';
import type { RowConsent } from './contact-consent.js';
import type { ListedContact } from './contact-rows.js';
import type { ImportDeps, WhichImport } from './contract.js';
import { contactResults } from './list-file.js';
import type { PlannedContact } from './plan-contacts.js';

/** What became of a row. */
export interface ContactRowResult {
  row: ListedContact;
  outcome: PlannedContact['outcome'];
  /** Of the contact: why it was rejected. */
  reasons: string[];
  consent: RowConsent;
}

/** Adds results to counts. */
export function withResults(counts: ContactCounts, results: readonly ContactRowResult[]): ContactCounts {
  const sum = { ...counts, rows: counts.rows + results.length };
  for (const { outcome, consent } of results) {
    sum[countOf[outcome]] += 1;
    sum.optIns += consent.optIns;
    sum.optOuts += consent.optOuts;
    sum.refusedOptIns += consent.refusedOptIns;
  }
  return sum;
}

const countOf = {
  CREATED: 'created',
  CHANGED: 'changed',
  UNCHANGED: 'unchanged',
  REJECTED: 'rejected',
} as const;

export const noContactCounts: ContactCounts = {
  ...{ rows: 0, created: 0, changed: 0, unchanged: 0, rejected: 0, repeated: 0 },
  ...{ optIns: 0, optOuts: 0, refusedOptIns: 0 },
};

const outcomeWords = {
  CREATED: 'Created',
  CHANGED: 'Updated',
  UNCHANGED: 'Unchanged',
  REJECTED: 'Rejected',
} as const;

export const resultColumns = ['Line', 'Address', 'Contact', 'Subscriptions', 'Reason'];

/** The cells of a row in the file of results. */
export function resultCells({ row, outcome, reasons, consent }: ContactRowResult): string[] {
  const why = [...reasons, ...consent.reasons].join(' ');
  return [String(row.line), row.written, outcomeWords[outcome], consent.changes.join('; '), why];
}

/**
 * Reads the file of results again.
 * @returns the lines of rejected rows
 * @throws DomainError `NOT_FOUND` if the scope has no such import, and once the file has expired
 */
export async function rejectedLines(deps: ImportDeps, which: WhichImport): Promise<LineSet> {
  const { openCsv } = await import('../../csv/read.js');
  const bytes = await contactResults(deps, which);
  if (!bytes) throw new DomainError('NOT_FOUND', 'The results of this import were deleted after a week.');
  const lines = lineSet();
  // A value may have as many lines as characters.
  const { rows } = await openCsv(bytes, { mostLines: 1000 });
  for await (const { cells } of rows) if (cells[2] === outcomeWords.REJECTED) lines.add(Number(cells[0]));
  return lines;
}

export type LineSet = ReturnType<typeof lineSet>;

/** A set of line numbers: one bit for each line of the file. */
export function lineSet() {
  let bits = new Uint8Array(1024);
  return {
    add(line: number): void {
      const at = line >> 3;
      if (at >= bits.length) {
        const longer = new Uint8Array(at * 2);
        longer.set(bits);
        bits = longer;
      }
      bits[at] = (bits[at] ?? 0) | (1 << (line & 7));
    },
    has: (line: number) => ((bits[line >> 3] ?? 0) & (1 << (line & 7))) !== 0,
  };
}
