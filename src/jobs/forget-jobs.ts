/** Deletes jobs that ended long ago, with their chunks. Counted from the end: a job that is still alive is never deleted, however old it is. */
import mongoose from 'mongoose';
import { deleteChunks } from '../models/job-chunk.js';
import type { Models } from '../models/index.js';
import { takeAway } from '../models/queue.js';

/** For as long as staff may ask what a job did. A preview that nobody confirms for as long ends too. */
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
  // A range leaves out those that have no end: null is not a date.
  const isOver = { endedAt: mongoose.trusted({ $lte: before }) };
  let forgotten = 0;
  for await (const { _id } of jobs.find(isOver, { _id: 1 }).lean().cursor()) {
    // From here on nobody can retry it, so its chunks may go first: none is left without its job, wherever this breaks off.
    const { matchedCount } = await jobs.updateOne({ _id, ...isOver }, { $set: { state: 'CANCELLED' } });
    if (matchedCount === 0) continue;
    await deleteChunks(deps.models, _id);
    await jobs.deleteOne({ _id });
    forgotten += 1;
  }
  return forgotten;
}
