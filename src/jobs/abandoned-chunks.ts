/** Chunks that no worker takes up again: the worker died amid one, and then the job was cancelled or ended as dead. */
import { findBegunChunks, settleChunk } from '../models/job-chunk.js';
import type { JobDeps } from './job-deps.js';
import { kindOf } from './registry.js';

/** By then a worker that had it has either ended or lost its lease for certain. */
const abandonedAfterMs = 60_000;

/** Does what the writes of such chunks left to be done. @returns how many were settled */
export async function settleAbandonedChunks(deps: JobDeps): Promise<number> {
  let settled = 0;
  for await (const chunk of findBegunChunks(deps.models)) {
    const job = await deps.models.jobs.findById(chunk.jobId, { state: 1, kind: 1, endedAt: 1 }).lean();
    const isOver = job?.state === 'CANCELLED' || job?.state === 'DEAD';
    if (!isOver || !job.endedAt || job.endedAt.getTime() > deps.clock().getTime() - abandonedAfterMs)
      continue;
    await kindOf(job)?.settle?.(deps, chunk.ids);
    await settleChunk(deps.models, chunk);
    settled += 1;
  }
  return settled;
}
