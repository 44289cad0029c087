/** Work on many, chunk by chunk: the selection is frozen, tried where staff are to confirm it, and done, exactly once, also in the account. */
import type { Models } from '../models/index.js';
import { addCounts, beginChunk, countRows, endChunk, findChunk, freezeChunk } from '../models/job-chunk.js';
import type { JobChunk, JobRow } from '../models/job-chunk.js';
import { noCounts } from '../models/job.js';
import type { Job } from '../models/job.js';
import { JobLost } from './engine.js';
import type { HeldJob, Step, Stepper } from './engine.js';

/** What a kind of job does with a chunk's ids, which are of contacts or of subscribers. */
export interface ChunkWork {
  /** The selection from a place on, in batches of at most `chunkSize`; asked for its first batch only. */
  select: (job: Job, from: string | null) => AsyncIterable<{ ids: string[]; after: string }>;
  /** What would become of them; nothing is written. Absent where the job runs without being confirmed. */
  preview?: (job: Job, ids: string[]) => Promise<JobRow[]>;
  /** Does it. */
  run: (job: Job, ids: string[], options: RunOptions) => Promise<JobRow[]>;
}

export interface RunOptions {
  /** It may have been done in part already; what was done then counts as done by this job. */
  isRepeat: boolean;
  /** To be called before each write that is not safe to come late; throws where the job is another's by now. */
  guard: () => void;
}

interface ChunkDeps {
  models: Pick<Models, 'jobChunks'>;
}

/** Makes the steps of a kind of job out of what it does with a chunk. Each step is one chunk. */
export function chunkedStepper(deps: ChunkDeps, work: ChunkWork): Stepper {
  return (held) => {
    switch (held.job.phase) {
      case 'SELECT':
        return selectChunk(deps, work, held);
      case 'PREVIEW':
        return previewChunk(deps, work, held);
      case 'RUN':
        return runChunk(deps, work, held);
    }
  };
}

async function selectChunk({ models }: ChunkDeps, work: ChunkWork, { job }: HeldJob): Promise<Step> {
  for await (const { ids, after } of work.select(job, job.place)) {
    if (!(await freezeChunk(models, { job, index: job.cursor }, ids))) throw new JobLost();
    const done = job.done + ids.length;
    return { progress: { cursor: job.cursor + 1, done, place: after }, then: 'GO_ON' };
  }
  const selected = { total: job.done, chunks: job.cursor, cursor: 0, done: 0, place: null };
  const phase = work.preview ? 'PREVIEW' : 'RUN';
  const preview = work.preview ? noCounts() : null;
  return { progress: { ...selected, phase, preview }, then: 'GO_ON' };
}

async function previewChunk({ models }: ChunkDeps, work: ChunkWork, { job }: HeldJob): Promise<Step> {
  if (isBehindAll(job)) return { progress: {}, then: 'WAIT' };
  const { ids } = await chunkOf(models, job);
  const rows = (await work.preview?.(job, ids)) ?? [];
  const preview = addCounts(job.preview ?? noCounts(), countRows(rows));
  return moved(job, ids.length, { preview }, 'WAIT');
}

async function runChunk({ models }: ChunkDeps, work: ChunkWork, { job, isHeld }: HeldJob): Promise<Step> {
  if (isBehindAll(job)) return { progress: {}, then: 'END' };
  const chunk = await chunkOf(models, job);
  let { counts } = chunk;
  // One that is done lacks its checkpoint only: the worker died between the two.
  if (chunk.state !== 'DONE' || !counts) {
    const guard = () => {
      if (!isHeld()) throw new JobLost();
    };
    if (!(await beginChunk(models, chunk, job.fence))) throw new JobLost();
    const rows = await work.run(job, chunk.ids, { isRepeat: chunk.state === 'BEGUN', guard });
    counts = countRows(rows);
    if (!(await endChunk(models, chunk, job.fence, { rows, counts }))) throw new JobLost();
  }
  return moved(job, chunk.ids.length, { counts: addCounts(job.counts, counts) }, 'END');
}

function moved(job: Job, rows: number, more: Step['progress'], then: 'WAIT' | 'END'): Step {
  const cursor = job.cursor + 1;
  const progress = { cursor, done: job.done + rows, ...more };
  return { progress, then: cursor >= (job.chunks ?? 0) ? then : 'GO_ON' };
}

const isBehindAll = (job: Job) => job.cursor >= (job.chunks ?? 0);

async function chunkOf(models: ChunkDeps['models'], job: Job): Promise<JobChunk> {
  const chunk = await findChunk(models, job._id, job.cursor);
  if (!chunk) throw new Error(`chunk ${job.cursor} of a job is not there`);
  return chunk;
}
