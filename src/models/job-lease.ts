/** The worker's writes to a job: its lease, the heartbeat, checkpoints and the end; and which jobs a lane has. */
import mongoose from 'mongoose';
import type { Job, JobModel, Lane } from './job.js';
import { endedAs, leaseDue, writeHeld } from './queue.js';
import { afterNow } from './server-clock.js';

/**
 * The jobs that a worker may lease in a lane, including those whose worker was killed. Unknown kinds wait for a worker of another release.
 */
export function inLane(lane: Lane, kinds: readonly string[]): object {
  return {
    state: mongoose.trusted({ $in: ['QUEUED', 'RUNNING'] }),
    kind: mongoose.trusted({ $in: kinds }),
    lane: lane === 'SHORT' ? lane : mongoose.trusted({ $ne: 'SHORT' }),
  };
}

/**
 * Leases the job that has been due longest. Every lease counts as an attempt until a checkpoint shows progress.
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

/** The fields that a step of a job may advance. */
export type JobProgress = Partial<
  Pick<Job, 'phase' | 'total' | 'done' | 'cursor' | 'chunks' | 'place' | 'preview' | 'counts'>
>;

/** The fields that store a job's progress. Progress resets its attempts. */
export function checkpoint(progress: JobProgress, leaseMs: number): object {
  return { ...literally(progress), attempts: 1, dueAt: afterNow(leaseMs) };
}

/** The fields that end a job, or make it wait for staff. */
export function jobEnd(
  state: 'DONE' | 'WAITING' | 'DEAD',
  { progress = {}, reason = null }: { progress?: JobProgress; reason?: string | null },
): object {
  const isOver = state === 'WAITING' ? { endedAt: null } : {};
  return { ...endedAs(state, reason), ...isOver, ...literally(progress) };
}

/**
 * Writes if this worker still holds the job and it is running. An end whose answer was lost is not reverted.
 * @param fields `checkpoint`, `jobEnd`, or what puts it back
 * @returns false if the job has been lost
 */
export async function writeRunning(jobs: JobModel, job: Job, fields: object): Promise<boolean> {
  return writeHeld(jobs, job, fields, { state: 'RUNNING' });
}

/** Values that are never interpreted as expressions. */
function literally(progress: JobProgress): object {
  return Object.fromEntries(Object.entries(progress).map(([name, value]) => [name, { $literal: value }]));
}
