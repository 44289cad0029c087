/** What a worker writes of a job: its lease, the heartbeat, checkpoints and the end; and which jobs a lane has. */
import mongoose from 'mongoose';
import type { Job, JobModel, Lane } from './job.js';
import { endedAs, leaseDue, writeHeld } from './queue.js';
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

/** The fields that note how far a job got; it came further, so its attempts begin anew. */
export function checkpoint(progress: JobProgress, leaseMs: number): object {
  return { ...literally(progress), attempts: 1, dueAt: afterNow(leaseMs) };
}

/** The fields that end a job, or have it wait for staff. */
export function jobEnd(
  state: 'DONE' | 'WAITING' | 'DEAD',
  { progress = {}, reason = null }: { progress?: JobProgress; reason?: string | null },
): object {
  const isOver = state === 'WAITING' ? { endedAt: null } : {};
  return { ...endedAs(state, reason), ...isOver, ...literally(progress) };
}

/**
 * Writes on condition that the job is still this worker's, and that it runs: an end whose answer got lost is not taken back.
 * @param fields `checkpoint`, `jobEnd`, or what puts it back
 * @returns false where the job has been lost
 */
export async function writeRunning(jobs: JobModel, job: Job, fields: object): Promise<boolean> {
  return writeHeld(jobs, job, fields, { state: 'RUNNING' });
}

/** Values that are never taken for expressions. */
function literally(progress: JobProgress): object {
  return Object.fromEntries(Object.entries(progress).map(([name, value]) => [name, { $literal: value }]));
}
