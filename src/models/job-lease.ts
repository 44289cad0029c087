/** What a worker writes of a job: its lease, the heartbeat, checkpoints and the end; and which jobs a lane has. */
import mongoose from 'mongoose';
import type { Job, JobModel, Lane } from './job.js';
import { endedAs, leaseDue, queuedAgain, writeHeld } from './queue.js';
import { afterNow } from './server-clock.js';

/**
 * What a worker may lease in a lane; jobs whose worker died are among it. Kinds that this release does not know wait for a worker that
 * knows them.
 */
export function inLane(lane: Lane, kinds: readonly string[]): object {
  return {
    state: mongoose.trusted({ $in: ['QUEUED', 'RUNNING'] }),
    kind: mongoose.trusted({ $in: kinds }),
    lane: lane === 'SHORT' ? lane : mongoose.trusted({ $ne: 'SHORT' }),
  };
}

/**
 * Leases the job that has been due longest. Every lease counts as an attempt until a checkpoint says that it came further.
 * @param lease as `leaseDue` takes it
 */
export async function leaseJob(
  jobs: JobModel,
  which: object,
  lease: { now: Date; leaseMs: number },
): Promise<Job | null> {
  const set = {
    state: 'RUNNING',
    attempts: { $add: ['$attempts', 1] },
    startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
  };
  return leaseDue(jobs, which, { ...lease, set });
}

/** What a step of a job may move on. */
export type JobProgress = Partial<
  Pick<Job, 'phase' | 'total' | 'done' | 'cursor' | 'chunks' | 'place' | 'preview' | 'counts'>
>;

/** The heartbeat. @returns false where the job has been lost */
export async function renewLease(jobs: JobModel, job: Job, leaseMs: number): Promise<boolean> {
  return writeRunning(jobs, job, { dueAt: afterNow(leaseMs) });
}

/** Notes how far the job got; it came further, so its attempts begin anew. @returns false where the job has been lost */
export async function saveCheckpoint(
  jobs: JobModel,
  job: Job,
  progress: JobProgress,
  leaseMs: number,
): Promise<boolean> {
  return writeRunning(jobs, job, { ...literally(progress), attempts: 1, dueAt: afterNow(leaseMs) });
}

/** Puts a job back, for any worker to take up. @param again as `queuedAgain` takes it */
export async function letGo(
  jobs: JobModel,
  job: Job,
  again: { delayMs: number; attempts: number; reason: string | null },
): Promise<boolean> {
  return writeRunning(jobs, job, queuedAgain(again));
}

/** Ends a job, or has it wait for staff. @returns false where the job has been lost */
export async function endJob(
  jobs: JobModel,
  job: Job,
  state: 'DONE' | 'WAITING' | 'DEAD',
  end: { progress?: JobProgress; reason?: string } = {},
): Promise<boolean> {
  return writeRunning(jobs, job, {
    ...endedAs(state, end.reason ?? null),
    ...(state === 'WAITING' ? { endedAt: null } : {}),
    ...literally(end.progress ?? {}),
  });
}

/** Only while it runs: an end that was noted although its answer got lost is not taken back. */
async function writeRunning(jobs: JobModel, job: Job, fields: object): Promise<boolean> {
  return writeHeld(jobs, job, fields, { state: 'RUNNING' });
}

/** Values that are never taken for expressions. */
function literally(progress: JobProgress): object {
  return Object.fromEntries(Object.entries(progress).map(([name, value]) => [name, { $literal: value }]));
}
