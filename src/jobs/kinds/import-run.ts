/** IMPORT_RUN: opts the addresses of a confirmed list out of all of its business unit. */
import { importJobs } from '../../domain/imports/contract.js';
import { runList } from '../../domain/imports/run.js';
import { endRun } from '../../domain/sources/runs.js';
import { deleteFile } from '../../models/stored-file.js';
import { counted } from '../../vocabulary/words.js';
import { importKind, importOf, runImport, type ImportInput } from '../import-input.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

export const importRun: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.run,
  label: 'Import an opt-out list',
  results: {
    changed: 'Opted out',
    unchanged: 'Opted out before',
    done: (count) => `${counted(count, 'address', 'addresses')} opted out`,
  },
  stepper: (deps) =>
    streamedStepper(async function* (job, guard) {
      const one = await importOf(deps, job);
      let end = {};
      if (one?.state === 'RUNNING') {
        const parts = runList(deps, one, { after: job.place, guard });
        end = yield* runImport(deps, job, one, { parts, total: one.counts?.distinct ?? null });
      }
      // Also after a kill between the import's end and this.
      if (one?.source) await endRun(deps, one._id);
      if (one?.listed) await deleteFile(deps.models, one.listed);
      return end;
    }),
};
