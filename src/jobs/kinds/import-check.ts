/** IMPORT_CHECK: reads the file of an import and counts what the import would do. It writes no consent. */
import { importJobs } from '../../domain/imports/contract.js';
import { checkList } from '../../domain/imports/check.js';
import { DomainError } from '../../errors.js';
import { updateImport, type Import } from '../../models/import.js';
import type { JobProgress } from '../../models/job-lease.js';
import { importKind, importOf, type ImportInput } from '../import-input.js';
import type { JobDeps } from '../job-deps.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

export const importCheck: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.check,
  label: 'Check an opt-out list',
  results: { changed: 'Changed', unchanged: 'Unchanged', done: () => 'Checked, nothing changed' },
  stepper: (deps) =>
    streamedStepper(async function* (job) {
      const one = await importOf(deps, job);
      if (one?.state !== 'CHECKING') return { phase: 'RUN', total: job.done };
      return yield* check(deps, one);
    }),
};

async function* check(deps: JobDeps, one: Import): AsyncGenerator<JobProgress, JobProgress> {
  const ended = (fields: Partial<Import>) => updateImport(deps.models, one, ['CHECKING'], fields);
  try {
    const steps = checkList(deps, one);
    let next = await steps.next();
    for (; !next.done; next = await steps.next()) yield { phase: 'RUN', ...next.value };
    const counts = next.value;
    if (counts.distinct === 0)
      await ended({
        state: 'REFUSED',
        counts,
        fault: 'The column has no valid address: choose another one.',
      });
    else await ended({ state: 'CHECKED', counts });
    return { phase: 'RUN', done: counts.distinct, total: counts.distinct };
  } catch (error) {
    const isFile = error instanceof DomainError && ['INVALID_FILE', 'NOT_FOUND'].includes(error.code);
    if (!isFile) throw error;
    await ended({ state: 'REFUSED', fault: error.message });
    return { phase: 'RUN' };
  }
}
