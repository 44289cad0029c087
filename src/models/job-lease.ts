/** A worker's hold on a job: the lease by the server's clock, the fence that each write checks, and the ways to let go. */
import mongoose from 'mongoose';
import type { Job, JobModel } from './job.js';
import { afterNow, isDueAndFree } from './server-clock.js';

/** What a step of a job may move on. */
export type Progress = Partial<
  Pick<Job, 'phase' | 'total' | 'done' | 'cursor' | 'chunks' | 'place' | 'preview' | 'counts'>
>;

/**
 * Leases the job that has been due longest, one that a worker died over among them: one atomic write by the server's clock, so two workers
 * never get the same. Every lease counts as an attempt until a checkpoint says that it came further.
 * @param leaseMs how long the worker has it without a heartbeat, in milliseconds
 * @param until jobs due until then count as due already; the server's present where absent
 */
export async function leaseDueJob(
  model: JobModel,
  leaseMs: number,
  until: Date | null = null,
): Promise<Job | null> {
  return model
    .findOneAndUpdate(
      {
        state: mongoose.trusted({ $in: ['QUEUED', 'RUNNING'] }),
        $expr: mongoose.trusted(isDueAndFree(until)),
      },
      [
        {
          $set: {
            state: 'RUNNING',
            leasedUntil: afterNow(leaseMs),
            fence: { $add: ['$fence', 1] },
            attempts: { $add: ['$attempts', 1] },
            startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
          },
        },
      ],
      { sort: { dueAt: 1 }, returnDocument: 'after', updatePipeline: true },
    )
    .lean<Job>();
}

/** The heartbeat. @returns false where the job has been lost */
export async function renewLease(model: JobModel, job: Job, leaseMs: number): Promise<boolean> {
  return writeHeld(model, job, { leasedUntil: afterNow(leaseMs) });
}

/** Notes how far the job got; it came further, so its attempts begin anew. @returns false where the job has been lost */
export async function saveCheckpoint(
  model: JobModel,
  job: Job,
  progress: Progress,
  leaseMs: number,
): Promise<boolean> {
  return writeHeld(model, job, { ...literally(progress), attempts: 1, leasedUntil: afterNow(leaseMs) });
}

/**
 * Puts a job back, for any worker to take up.
 * @param again when, in milliseconds from now; how many attempts that makes; and why, where it broke off
 */
export async function letGo(
  model: JobModel,
  job: Job,
  again: { delayMs: number; attempts: number; reason: string | null },
): Promise<boolean> {
  return writeHeld(model, job, {
    state: 'QUEUED',
    dueAt: afterNow(again.delayMs),
    leasedUntil: '$$NOW',
    attempts: again.attempts,
    lastError: { $literal: again.reason },
  });
}

/** Ends a job, or lays it before staff. @returns false where the job has been lost */
export async function endJob(
  model: JobModel,
  job: Job,
  state: 'DONE' | 'WAITING' | 'DEAD',
  end: { progress?: Progress; reason?: string } = {},
): Promise<boolean> {
  return writeHeld(model, job, {
    ...literally(end.progress ?? {}),
    state,
    leasedUntil: '$$NOW',
    lastError: { $literal: end.reason ?? null },
    ...(state === 'WAITING' ? {} : { endedAt: '$$NOW' }),
  });
}

/** Writes on condition that the job is still this worker's. */
async function writeHeld(model: JobModel, job: Job, fields: object): Promise<boolean> {
  const result = await model.updateOne(
    { _id: job._id, fence: job.fence, state: 'RUNNING' },
    [{ $set: fields }],
    { updatePipeline: true },
  );
  return result.matchedCount === 1;
}

/** Values that are no expressions, whatever stands in them. */
function literally(progress: Progress): object {
  return Object.fromEntries(Object.entries(progress).map(([name, value]) => [name, { $literal: value }]));
}
