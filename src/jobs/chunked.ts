/** Bulk work in chunks. The selection is frozen, previewed if staff must confirm it, and processed exactly once, also in the counts. */
import type { Models } from '../models/index.js';
import { addCounts, beginChunk, countRows, endChunk, findChunk, freezeChunk } from '../models/job-chunk.js';
import type { JobChunk, JobRow } from '../models/job-chunk.js';
import { noCounts, type Job } from '../models/job.js';
import { JobLost, stepTimer, type HeldJob, type Step, type Stepper } from './engine.js';

/** What a kind of job does with a chunk's ids, which are of contacts or of subscribers. */
export interface ChunkWork {
  /** The selection from a position on, in batches of at most `chunkSize`. It is read until the step has taken long enough. */
  select: (job: Job, from: string | null) => AsyncIterable<{ ids: string[]; after: string }>;
  /** Previews the outcomes; nothing is written. Absent if the job runs without confirmation. */
  preview?: (job: Job, ids: string[]) => Promise<JobRow[]>;
  /** Processes the chunk. */
  run: (job: Job, ids: string[], options: RunOptions) => Promise<JobRow[]>;
}

export interface RunOptions {
  /** Part of it may be done already. What was done then counts as done by this job. */
  isRepeat: boolean;
  /** Call it before each write that must not come late. It throws if another worker has taken the job over. */
  guard: () => void;
}

interface ChunkDeps {
  models: Pick<Models, 'jobChunks'>;
}

/** Makes the steps of a kind of job from its work on a chunk. A step selects several chunks, or does one. */
export function chunkedStepper(deps: ChunkDeps, work: ChunkWork): Stepper {
  return (held) => {
    switch (held.job.phase) {
      case 'SELECT':
        return selectChunks(deps, work, held);
      case 'PREVIEW':
        return previewChunk(deps, work, held);
      case 'RUN':
        return runChunk(deps, work, held);
    }
  };
}

/** Freezes as many chunks as one step has time for: the database searches the place of the job anew for each step. */
async function selectChunks({ models }: ChunkDeps, work: ChunkWork, { job }: HeldJob): Promise<Step> {
  let { cursor, done, place } = job;
  const isOver = stepTimer();
  for await (const { ids, after } of work.select(job, place)) {
    if (!(await freezeChunk(models, { job, index: cursor }, ids))) throw new JobLost();
    [cursor, done, place] = [cursor + 1, done + ids.length, after];
    if (isOver()) break;
  }
  if (cursor > job.cursor) return { progress: { cursor, done, place }, then: 'GO_ON' };
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
  // A done chunk lacks only its checkpoint: the worker was killed between the two.
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
  if (!chunk) throw new Error(`chunk ${job.cursor} of a job is missing`);
  return chunk;
}
