/** Deletes jobs that ended long ago, with their chunks. Age counts from the end, so a live job is never deleted. */
import mongoose from 'mongoose';
import { deleteChunks } from '../models/job-chunk.js';
import type { Models } from '../models/index.js';
import { takeAway } from '../models/queue.js';

/** How long staff may ask what a job did. An unconfirmed preview is cancelled after the same time. */
const keptForMs = 90 * 24 * 60 * 60 * 1000;

/** @returns how many were deleted */
export async function forgetOldJobs(deps: {
  models: Pick<Models, 'jobs' | 'jobChunks'>;
  clock: () => Date;
}): Promise<number> {
  const { jobs } = deps.models;
  const before = new Date(deps.clock().getTime() - keptForMs);
  const unconfirmed = { state: 'WAITING', at: mongoose.trusted({ $lte: before }) };
  await takeAway(jobs, unconfirmed, { state: 'CANCELLED', reason: 'not confirmed within 90 days' });
  // A range excludes jobs without an end: null is not a date.
  const isOver = { endedAt: mongoose.trusted({ $lte: before }) };
  let forgotten = 0;
  for await (const { _id } of jobs.find(isOver, { _id: 1 }).lean().cursor()) {
    // From here on the job cannot be retried, so its chunks may go first. An interruption leaves no chunk without its job.
    const { matchedCount } = await jobs.updateOne({ _id, ...isOver }, { $set: { state: 'CANCELLED' } });
    if (matchedCount === 0) continue;
    await deleteChunks(deps.models, _id);
    await jobs.deleteOne({ _id });
    forgotten += 1;
  }
  return forgotten;
}
