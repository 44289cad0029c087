/** CONTACTS_RUN: writes the contacts of a confirmed import and their subscriptions. Each step writes one part of the file of results. */
import { csvLines, spreadsheetStyle } from '../../csv/write.js';
import {
  noContactCounts,
  resultCells,
  resultColumns,
  withResults,
} from '../../domain/imports/contact-results.js';
import { importJobs } from '../../domain/imports/contract.js';
import { finishJobFile, storeJobPart } from '../../models/job-file.js';
import { updateImport, type Import } from '../../models/import.js';
import type { JobProgress } from '../../models/job-lease.js';
import type { Job, JobCounts } from '../../models/job.js';
import { counted } from '../../vocabulary/words.js';
import { importKind, importOf, type ImportInput } from '../import-input.js';
import type { JobDeps } from '../job-deps.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

export const contactsRun: JobKind<ImportInput> = {
  ...importKind,
  name: importJobs.runContacts,
  label: 'Import contacts',
  rows: ['row', 'rows'],
  results: {
    changed: 'Created or updated',
    unchanged: 'Unchanged',
    done: (count) => `${counted(count, 'contact')} created or updated`,
  },
  stepper: (deps) =>
    streamedStepper(async function* (job, guard) {
      const one = await importOf(deps, job);
      return one?.state === 'RUNNING' ? yield* run(deps, job, one, guard) : {};
    }),
};

async function* run(
  deps: JobDeps,
  job: Job,
  one: Import,
  guard: () => void,
): AsyncGenerator<JobProgress, JobProgress> {
  // Loaded by the first import of contacts.
  const { runContacts } = await import('../../domain/imports/run-contacts.js');
  const total = one.contactCounts?.rows ?? null;
  let { counts, cursor } = job;
  let imported = counts.imported ?? noContactCounts;
  for await (const { place, results } of runContacts(deps, one, { after: job.place, guard })) {
    imported = withResults(imported, results);
    counts = { ...countsOf(imported), imported };
    const head = cursor === 0 ? `\uFEFF${csvLines([resultColumns], spreadsheetStyle)}` : '';
    const text = head + csvLines(results.map(resultCells), spreadsheetStyle);
    guard();
    await storeJobPart(deps.models, { ...job, cursor }, text, deps.clock());
    cursor += 1;
    yield { phase: 'RUN', total, done: imported.rows, counts, place };
  }
  guard();
  await storeJobPart(deps.models, { ...job, cursor }, '', deps.clock());
  await finishJobFile(deps.models, job._id, deps.clock());
  const ended = { state: 'DONE', contactResult: imported, endedAt: deps.clock() } as const;
  await updateImport(deps.models, one, ['RUNNING'], ended);
  return { phase: 'RUN', total: imported.rows, done: imported.rows, counts };
}

function countsOf({ created, changed, unchanged, rejected }: Required<JobCounts>['imported']): JobCounts {
  return { changed: created + changed, unchanged, refused: rejected, byCode: {} };
}
