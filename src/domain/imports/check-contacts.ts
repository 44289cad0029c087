/** The check of a contact import: reads the whole file, and counts what would be created, changed and rejected. It writes no contact. */
import type { ContactCounts } from '../../models/contact-import.js';
import type { Import } from '../../models/import.js';
import type { CheckProgress } from './check.js';
import { planConsent } from './contact-consent.js';
import { lineSet, noContactCounts, withResults, type LineSet } from './contact-results.js';
import { contactRows, keyOf, readingOf, type Reading } from './contact-rows.js';
import type { ImportDeps } from './contract.js';
import { planContacts } from './plan-contacts.js';
import { openRejectedFile } from './rejected-file.js';
import { roundsOf } from './run-contacts.js';
import { openSorter } from './sorted-addresses.js';

/**
 * Counts what the import would do. Repeating it gives the same counts, if nobody changes contacts in the meantime.
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired
 */
export async function* checkContacts(
  deps: ImportDeps,
  one: Import,
): AsyncGenerator<CheckProgress, ContactCounts> {
  const reading = await readingOf(deps, one);
  const first = lineSet();
  const total = yield* findFirstRows(deps, one, reading, first);
  const rejected = openRejectedFile(deps, one._id);
  let counts = noContactCounts;
  let done = 0;
  try {
    for await (const rows of contactRows(deps, one, reading)) {
      const open = rows.filter((row) => !keyOf(row) || first.has(row.line));
      counts = { ...counts, repeated: counts.repeated + rows.length - open.length };
      for (const round of roundsOf(open)) {
        const plan = await planContacts(deps, one._id, round, reading);
        const subscribing = plan.rows.map(({ row, details }) => ({ row, contact: details }));
        const consents = planConsent(deps, one, subscribing, { heads: plan.heads, reading });
        counts = withResults(
          counts,
          plan.rows.flatMap(({ row, outcome, reasons }) => {
            const consent = consents.get(row.line);
            return consent ? [{ row, outcome, reasons, consent }] : [];
          }),
        );
        for (const { row, outcome, reasons } of plan.rows)
          if (outcome === 'REJECTED')
            await rejected.add({ line: row.line, value: row.written, reason: reasons.join(' ') });
      }
      done += rows.length;
      yield { done, total };
    }
    await rejected.end();
  } finally {
    await rejected.close();
  }
  return { ...counts, rows: counts.rows + counts.repeated };
}

/** Finds the first row of each address: in bounded memory, since the addresses are sorted in a file. @returns the number of rows */
async function* findFirstRows(
  deps: ImportDeps,
  one: Import,
  reading: Reading,
  first: LineSet,
): AsyncGenerator<CheckProgress, number> {
  const sorter = await openSorter(one.file?.size ?? 0);
  let rows = 0;
  try {
    for await (const batch of contactRows(deps, one, reading)) {
      for (const row of batch) {
        const key = keyOf(row);
        // Of several entries with one id, the sorter keeps the first: that with the lowest line.
        const line = String(row.line).padStart(10, '0');
        if (key) await sorter.add({ subscriberId: key.subscriberId, address: line });
      }
      rows += batch.length;
      yield { done: rows, total: null };
    }
    for await (const bin of sorter.read()) for (const { address } of bin) first.add(Number(address));
  } finally {
    await sorter.close();
  }
  return rows;
}
