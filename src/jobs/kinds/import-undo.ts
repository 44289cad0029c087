/** IMPORT_UNDO: removes the opt-outs that one import made, and no others. */
import { importJobs } from '../../domain/imports/contract.js';
import { runUndo } from '../../domain/imports/run.js';
import { deleteParts } from '../../models/import-part.js';
import { findImport } from '../../models/import.js';
import { counted } from '../../vocabulary/words.js';
import { importKind, importOf, runImport, type ImportInput } from '../import-input.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

export const importUndo: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.undo,
  label: 'Undo an import',
  results: {
    changed: 'Entry removed',
    unchanged: 'No entry of this import',
    done: (count) => `${counted(count, 'entry', 'entries')} removed`,
  },
  stepper: (deps) =>
    streamedStepper(async function* (job, guard) {
      const undo = await importOf(deps, job);
      if (!undo) return {};
      let end = {};
      if (undo.state === 'RUNNING') {
        const of = await findImport(deps.models, undo.undoes ?? '', null);
        const parts = runUndo(deps, undo, { after: job.place, guard });
        end = yield* runImport(deps, job, undo, { parts, total: of?.counts?.distinct ?? null });
      }
      // Of a source that was deleted; also after a kill between the import's end and this.
      for (const list of undo.source?.lists ?? []) await deleteParts(deps.models, list);
      return end;
    }),
};
