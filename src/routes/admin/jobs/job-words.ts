/** What the pages say of a job: its name, its state, how far it is and what that means. */
import type { Job, JobKind, JobState } from '../../../models/job.js';
import type { Progress, State } from '../../../views/admin-frame.js';
import { counted, figure } from '../../../vocabulary/words.js';

export const kindWords: Readonly<Record<JobKind, string>> = {
  BULK_EDIT: 'Edit communication subscriptions',
  SEND_LINKS: 'Send preferences links',
  PUT_RIGHT: 'Put machine-made opt-outs right',
  REFRESH_CONTACTS: 'Bring the index of contacts up to date',
};

/** "1 contact", "3 addresses": what a job of this kind is about. */
export function countedOf(kind: JobKind, count: number): string {
  return kind === 'PUT_RIGHT' ? counted(count, 'address', 'addresses') : counted(count, 'contact');
}

export const stateWords: Readonly<Record<JobState, string>> = {
  QUEUED: 'Waiting for a worker',
  RUNNING: 'Under way',
  WAITING: 'To be confirmed',
  DONE: 'Done',
  DEAD: 'Broke off',
  CANCELLED: 'Cancelled',
};

const stateTones: Readonly<Record<JobState, State['tone']>> = {
  QUEUED: 'none',
  RUNNING: 'wait',
  WAITING: 'wait',
  DONE: 'in',
  DEAD: 'out',
  CANCELLED: 'none',
};

export function stateOf({ state }: Pick<Job, 'state'>): State {
  return { tone: stateTones[state], words: stateWords[state] };
}

/** True while a worker moves it on by itself, so that looking again shows more. */
export function isMoving({ state }: Pick<Job, 'state'>): boolean {
  return state === 'QUEUED' || state === 'RUNNING';
}

/** Which step of its way a job is at: a page that shows another one is out of date. */
export function stepOf({ state, phase }: Pick<Job, 'state' | 'phase'>): string {
  return `${state}-${phase}`;
}

/** How far a job is, while it moves. */
export function progressOf(job: Pick<Job, 'kind' | 'phase' | 'total' | 'done'>): Progress {
  if (job.total === null)
    return { words: job.done > 0 ? `${countedOf(job.kind, job.done)} so far` : 'Beginning' };
  const percent = job.total === 0 ? 100 : Math.floor((job.done / job.total) * 100);
  return { percent, words: `${figure(job.done)} of ${countedOf(job.kind, job.total)}, ${percent} %` };
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
      return ['Nothing has changed yet. This is what would.'];
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
export function doneOf({ kind, counts }: Pick<Job, 'kind' | 'counts'>): string {
  return kind === 'SEND_LINKS'
    ? `${counted(counts.changed, 'mail')} sent on the way`
    : `${countedOf(kind, counts.changed)} changed`;
}

/** One line for the list. */
export function summaryOf(job: Job): string {
  if (job.state === 'WAITING' && job.preview)
    return `${countedOf(job.kind, job.preview.changed)} would change`;
  const { refused } = job.counts;
  return [
    job.phase === 'RUN' ? doneOf(job) : 'nothing changed',
    ...(refused > 0 ? [`${figure(refused)} refused`] : []),
  ].join(', ');
}
