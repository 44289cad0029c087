/** Words for a job: its name, its state, its progress and what that means. Words that depend on its kind are in the registry. */
import { kindOf } from '../../../jobs/registry.js';
import { jobFileDays } from '../../../models/job-file.js';
import type { JobFile } from '../../../models/job-file.js';
import type { Job, JobState } from '../../../models/job.js';
import type { Progress, State } from '../../../views/admin-frame.js';
import { counted, figure, momentOf } from '../../../vocabulary/words.js';

type OfKind = Pick<Job, 'kind'>;

/** "Send preferences links" */
export function labelOf(job: OfKind): string {
  return kindOf(job)?.label ?? job.kind;
}

/** "1 contact", "3 addresses": the subjects of a job. */
export function countedOf(job: OfKind, count: number): string {
  const [one, many] = kindOf(job)?.rows ?? ['row', 'rows'];
  return counted(count, one, many);
}

export const states: Readonly<Record<JobState, State>> = {
  QUEUED: { tone: 'none', words: 'Waiting for a worker' },
  RUNNING: { tone: 'wait', words: 'Under way' },
  WAITING: { tone: 'wait', words: 'To be confirmed' },
  DONE: { tone: 'in', words: 'Done' },
  DEAD: { tone: 'out', words: 'Broke off' },
  CANCELLED: { tone: 'none', words: 'Cancelled' },
};

/** True while a worker processes it, so that a later look shows more. */
export function isMoving({ state }: Pick<Job, 'state'>): boolean {
  return state === 'QUEUED' || state === 'RUNNING';
}

/** The current step of a job: a page that shows another one is out of date. */
export function stepOf({ state, phase }: Pick<Job, 'state' | 'phase'>): string {
  return `${state}-${phase}`;
}

/** The progress of a running job. */
export function progressOf(job: Pick<Job, 'kind' | 'phase' | 'total' | 'done'>): Progress {
  if (job.total === null) return { words: job.done > 0 ? `${countedOf(job, job.done)} so far` : 'Beginning' };
  const percent = job.total === 0 ? 100 : Math.floor((job.done / job.total) * 100);
  return { percent, words: `${figure(job.done)} of ${countedOf(job, job.total)}, ${percent} %` };
}

/** The current situation, in a sentence or two. */
export function sentencesOf(job: Job): string[] {
  const stays = job.counts.changed > 0 && !kindOf(job)?.file ? ` Finished work stays: ${doneOf(job)}.` : '';
  switch (job.state) {
    case 'QUEUED':
      if (job.attempts > 0 && job.lastError !== null)
        return ['An attempt failed. It continues from its last checkpoint in a moment.'];
      // Some kinds run without a preview, so nothing is said here of a confirmation.
      return ['A worker will start it in a moment.'];
    case 'RUNNING':
      if (job.phase === 'SELECT' && !kindOf(job)?.file) return ['The current selection is being stored.'];
      if (job.phase === 'PREVIEW')
        return ['The preview is being prepared. Nothing changes before you confirm.'];
      return ['The job is running. You can leave this page.'];
    case 'WAITING':
      return ['Nothing has changed yet. This is what will happen if you confirm.'];
    case 'DONE':
      return [kindOf(job)?.file ? `It is done: ${doneOf(job)}.` : 'It is done.'];
    case 'DEAD':
      return [
        `It failed several times and stopped.${stays}`,
        'A retry continues from the last checkpoint and does nothing twice.',
      ];
    case 'CANCELLED':
      if (kindOf(job)?.file) return ['It was cancelled. There is no file.'];
      return [stays ? `It was cancelled.${stays}` : 'It was cancelled before anything changed.'];
  }
}

/** "1,200 contacts changed" */
function doneOf(job: Pick<Job, 'kind' | 'counts'>): string {
  const { changed } = job.counts;
  return kindOf(job)?.results?.done(changed) ?? `${countedOf(job, changed)} changed`;
}

/** One line for the list. */
export function summaryOf(job: Job): string {
  if (job.state === 'WAITING' && job.preview) return `${countedOf(job, job.preview.changed)} will change`;
  const { refused } = job.counts;
  return [
    job.phase === 'RUN' ? doneOf(job) : 'nothing changed',
    ...(refused > 0 ? [`${figure(refused)} refused`] : []),
  ].join(', ');
}

const kilobyte = 1000;

/** "12 kB, until 14 Mar 2025, 09:30 CET" */
export function fileWords(file: JobFile | undefined, zone: string): string {
  if (!file) return `Deleted: files are kept for ${jobFileDays} days`;
  const size =
    file.length < kilobyte ** 2
      ? `${figure(Math.ceil(file.length / kilobyte))} kB`
      : `${(file.length / kilobyte ** 2).toFixed(1)} MB`;
  return `${size}, until ${momentOf(file.expiresAt, zone)}`;
}
