/** What the kinds of jobs of an import share: their input, the import that it names, the check, and the run by addresses. */
import { z } from 'zod';
import type { CheckProgress } from '../domain/imports/check.js';
import type { RunProgress } from '../domain/imports/run.js';
import { DomainError } from '../errors.js';
import { findImport, updateImport, type Import } from '../models/import.js';
import type { JobProgress } from '../models/job-lease.js';
import type { Job } from '../models/job.js';
import type { JobDeps } from './job-deps.js';
import type { Stepper } from './engine.js';
import type { JobKind } from './kind.js';
import { streamedStepper } from './streamed.js';

/** The import and its revision. A short list takes a few seconds. */
const importInput = z.object({ importId: z.string(), revision: z.int(), isShort: z.boolean() });
export type ImportInput = z.infer<typeof importInput>;

export const importKind = {
  input: importInput,
  permission: 'bulk.run',
  lane: ({ isShort }) => (isShort ? 'SHORT' : 'LONG'),
  rows: ['address', 'addresses'],
  facts: ({ importId }) => [{ term: 'Import', words: [importId] }],
} as const satisfies Partial<JobKind<ImportInput>>;

/** The import of a job; null if its choice has changed since. */
export async function importOf({ models }: JobDeps, job: Job): Promise<Import | null> {
  const { importId, revision } = importInput.parse(job.input);
  const one = await findImport(models, importId, null);
  return one?.revision === revision ? one : null;
}

/** Runs an import or an undo: adds the parts to the job's counts, and stores the result at the end. */
export async function* runImport(
  { models, clock }: JobDeps,
  job: Job,
  one: Import,
  { parts, total }: { parts: AsyncIterable<RunProgress>; total: number | null },
): AsyncGenerator<JobProgress, JobProgress> {
  let { counts, done } = job;
  for await (const progress of parts) {
    if (progress) {
      const { changed, unchanged, removed, optedIn } = progress.part;
      done += changed + unchanged;
      counts = {
        ...{ ...counts, changed: counts.changed + changed, unchanged: counts.unchanged + unchanged },
        ...(removed === undefined ? {} : { removed: (counts.removed ?? 0) + removed }),
        ...(optedIn ? { optedIn: (counts.optedIn ?? 0) + optedIn } : {}),
      };
      yield { phase: 'RUN', total, done, counts, place: progress.place };
    } else yield {};
  }
  const { changed, unchanged, removed, optedIn } = counts;
  const result = {
    ...{ changed, unchanged },
    ...(removed === undefined ? {} : { removed }),
    ...(optedIn === undefined ? {} : { optedIn }),
  };
  await updateImport(models, one, ['RUNNING'], {
    ...{ state: 'DONE', result, endedAt: clock() },
  });
  return { phase: 'RUN', total: done, done, counts };
}

/** What a check found, and why the file cannot be imported with this choice, if it cannot. */
interface Checked {
  counted: Pick<Import, 'counts'> | Pick<Import, 'contactCounts'>;
  fault: string | null;
  done: number;
}

/** Makes the stepper of a check, which stores the counts of the import or the fault of its file. */
export function checkStepper(
  deps: JobDeps,
  check: (one: Import) => AsyncGenerator<CheckProgress, Checked>,
): Stepper {
  return streamedStepper(async function* (job) {
    const one = await importOf(deps, job);
    if (one?.state !== 'CHECKING') return { phase: 'RUN', total: job.done };
    const ended = (fields: Partial<Import>) => updateImport(deps.models, one, ['CHECKING'], fields);
    try {
      yield { phase: 'RUN' };
      // Delegated, so that a check whose job is lost closes its files.
      const { counted, fault, done } = yield* check(one);
      await ended({ ...counted, ...(fault ? { state: 'REFUSED', fault } : { state: 'CHECKED' }) });
      return { phase: 'RUN', done, total: done };
    } catch (error) {
      const isFile = error instanceof DomainError && ['INVALID_FILE', 'NOT_FOUND'].includes(error.code);
      if (!isFile) throw error;
      await ended({ state: 'REFUSED', fault: error.message });
      return { phase: 'RUN' };
    }
  });
}
