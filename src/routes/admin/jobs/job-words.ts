/** What the pages say of a job: its name, its state, how far it is and what that means. What depends on its kind is in the registry. */
import { kindOf } from '../../../jobs/registry.js';
import type { Job, JobState } from '../../../models/job.js';
import type { Progress, State } from '../../../views/admin-frame.js';
import { counted, figure } from '../../../vocabulary/words.js';

type OfKind = Pick<Job, 'kind'>;

/** "Send preferences links" */
export function labelOf(job: OfKind): string {
  return kindOf(job)?.label ?? job.kind;
}

/** "1 contact", "3 addresses": what a job is about. */
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

/** True while a worker moves it on, so that looking again shows more. */
export function isMoving({ state }: Pick<Job, 'state'>): boolean {
  return state === 'QUEUED' || state === 'RUNNING';
}

/** The step that a job is at: a page that shows another one is out of date. */
export function stepOf({ state, phase }: Pick<Job, 'state' | 'phase'>): string {
  return `${state}-${phase}`;
}

/** How far a job is, while it moves. */
export function progressOf(job: Pick<Job, 'kind' | 'phase' | 'total' | 'done'>): Progress {
  if (job.total === null) return { words: job.done > 0 ? `${countedOf(job, job.done)} so far` : 'Beginning' };
  const percent = job.total === 0 ? 100 : Math.floor((job.done / job.total) * 100);
  return { percent, words: `${figure(job.done)} of ${countedOf(job, job.total)}, ${percent} %` };
}

/** What is going on, in a sentence or two. */
export function sentencesOf(job: Job): string[] {
  const stays = job.counts.changed > 0 ? ` What was done until then stays done: ${doneOf(job)}.` : '';
  switch (job.state) {
    case 'QUEUED':
      if (job.attempts > 0 && job.lastError !== null)
        return ['It broke off, and is tried again in a moment, from where it was.'];
      return [
        job.phase === 'RUN'
          ? 'A worker takes it up in a moment.'
          : 'A worker takes it up in a moment. Nothing changes before you confirm.',
      ];
    case 'RUNNING':
      if (job.phase === 'SELECT') return ['The selection is being noted, as it is now.'];
      if (job.phase === 'PREVIEW')
        return ['It is being tried out, without changing anything. You will be asked before it is done.'];
      return ['It is being done. You may leave this page: it goes on by itself.'];
    case 'WAITING':
      return ['Nothing has changed yet. This is what will happen if you confirm.'];
    case 'DONE':
      return ['It is done.'];
    case 'DEAD':
      return [
        `It broke off several times, and was given up.${stays}`,
        'A new try goes on from where it was, and does nothing twice.',
      ];
    case 'CANCELLED':
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
