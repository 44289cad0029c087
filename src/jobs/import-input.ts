/** What the kinds of jobs of an import share: their input, and the import that it names. */
import { z } from 'zod';
import type { RunProgress } from '../domain/imports/run.js';
import { findImport, updateImport, type Import } from '../models/import.js';
import type { JobProgress } from '../models/job-lease.js';
import type { Job } from '../models/job.js';
import type { JobDeps } from './job-deps.js';
import type { JobKind } from './kind.js';

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
