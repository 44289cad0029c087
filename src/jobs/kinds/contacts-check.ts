/** CONTACTS_CHECK: reads the file of a contact import and counts what the import would do. It writes no contact. */
import { importJobs } from '../../domain/imports/contract.js';
import { checkStepper, importKind, type ImportInput } from '../import-input.js';
import type { JobKind } from '../kind.js';

export const contactsCheck: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.checkContacts,
  label: 'Check an import of contacts',
  rows: ['row', 'rows'],
  results: { changed: 'Changed', unchanged: 'Unchanged', done: () => 'Checked, nothing changed' },
  stepper: (deps) =>
    checkStepper(deps, async function* (one) {
      // Loaded by the first import of contacts.
      const { checkContacts } = await import('../../domain/imports/check-contacts.js');
      const counts = yield* checkContacts(deps, one);
      const { rows, rejected, optOuts } = counts;
      const fault =
        rows === rejected && optOuts === 0
          ? 'No row has a contact that can be imported: check the columns.'
          : null;
      return { counted: { contactCounts: counts }, fault, done: rows };
    }),
};
