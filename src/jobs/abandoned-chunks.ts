/**
 * Chunks that nobody takes up again: the worker died amid one, and staff cancelled the job, or it was given up. What was written is written, but the
 * contacts' facets may not have followed, since a bulk edit leaves no marks and the chunk stands for them.
 */
import { refreshMarked } from '../domain/contacts/follow.js';
import { findContactsById } from '../models/contact.js';
import { findBegunChunks, settleChunk } from '../models/job-chunk.js';
import type { JobDeps } from './job-deps.js';

/** By then a worker that had it has either ended or lost its lease for certain. */
const abandonedAfterMs = 60_000;

/** @returns how many were settled */
export async function settleAbandonedChunks(deps: JobDeps): Promise<number> {
  let settled = 0;
  for await (const chunk of findBegunChunks(deps.models)) {
    const job = await deps.models.jobs.findById(chunk.jobId, { state: 1, kind: 1, endedAt: 1 }).lean();
    const isOver = job?.state === 'CANCELLED' || job?.state === 'DEAD';
    if (!isOver || !job.endedAt || job.endedAt.getTime() > deps.clock().getTime() - abandonedAfterMs)
      continue;
    if (job.kind === 'BULK_EDIT')
      await refreshMarked(deps, await findContactsById(deps.models.contacts, chunk.ids));
    await settleChunk(deps.models, chunk);
    settled += 1;
  }
  return settled;
}
