/** IMPORT_CHECK: reads the file of an import and counts what the import would do. It writes no consent. */
import { importJobs } from '../../domain/imports/contract.js';
import { checkList } from '../../domain/imports/check.js';
import { checkStepper, importKind, type ImportInput } from '../import-input.js';
import type { JobKind } from '../kind.js';

export const importCheck: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.check,
  label: 'Check an opt-out list',
  results: { changed: 'Changed', unchanged: 'Unchanged', done: () => 'Checked, nothing changed' },
  stepper: (deps) =>
    checkStepper(deps, async function* (one) {
      const counts = yield* checkList(deps, one);
      const fault = counts.distinct === 0 ? 'The column has no valid address: choose another one.' : null;
      return { counted: { counts }, fault, done: counts.distinct };
    }),
};
