/** CONTACTS_UNDO: deletes the contacts that one import created and that nobody has changed since. */
import { importJobs } from '../../domain/imports/contract.js';
import { findImport } from '../../models/import.js';
import { counted } from '../../vocabulary/words.js';
import { importKind, importOf, runImport, type ImportInput } from '../import-input.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

export const contactsUndo: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.undoContacts,
  label: 'Undo an import of contacts',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Deleted',
    unchanged: 'Changed since, so not deleted',
    done: (count) => `${counted(count, 'contact')} deleted`,
  },
  stepper: (deps) =>
    streamedStepper(async function* (job, guard) {
      const undo = await importOf(deps, job);
      if (undo?.state !== 'RUNNING') return {};
      const of = await findImport(deps.models, undo.undoes ?? '', null);
      const { undoContacts } = await import('../../domain/imports/undo-contacts.js');
      const parts = undoContacts(deps, undo, { after: job.place, guard });
      return yield* runImport(deps, job, undo, { parts, total: of?.contactResult?.created ?? null });
    }),
};
