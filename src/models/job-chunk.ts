/** Chunks of a job: its contacts, frozen a few hundred at a time, and their outcomes. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { RefusalCode, RowRefusal } from '../vocabulary/refusal-codes.js';
import { isDuplicateKey } from './database-fault.js';
import { noCounts, type Job, type JobCounts } from './job.js';

/** Contacts in one chunk. If a worker is killed, at most the work on one chunk is lost. */
export const chunkSize = 500;

export type RowOutcome = 'CHANGED' | 'PENDING' | 'NO_CHANGE' | RefusalCode | RowRefusal;

/** The outcome for one contact, or one subscriber. Never an address. */
export interface JobRow {
  /** Null for a subscriber without a contact. */
  contactId: string | null;
  /** Null if the contact was deleted, or has no address in the channel. */
  subscriberId: string | null;
  /** One for each wish of the job, in order; a single one if no wish applied. */
  outcomes: RowOutcome[];
  /** In a preview, what each wish overrides: a status, or the actor of an opt-out. */
  overrides?: (string | null)[];
}

export interface JobChunk {
  /** `<job id>:<index, seven digits>`. */
  _id: string;
  jobId: string;
  /** Of contacts, or of subscribers if the job is about those. */
  ids: string[];
  /** `BEGUN` is stored before the first write. A worker that takes over the chunk then looks for finished acts. */
  state: 'FROZEN' | 'BEGUN' | 'DONE';
  /** The fence of the lease that froze, began or ended it. An older lease cannot write here. */
  fence: number;
  /** Filled when it is done. */
  rows: JobRow[];
  counts: JobCounts | null;
  /** When the job was queued. */
  at: Date;
}

export const jobChunkSchema = new Schema<JobChunk>(
  {
    _id: { type: String, required: true },
    jobId: { type: String, required: true },
    ids: { type: [String], required: true },
    state: { type: String, required: true },
    fence: { type: Number, required: true },
    rows: { type: [Schema.Types.Mixed], default: [] },
    counts: { type: Schema.Types.Mixed, default: null },
    at: { type: Date, required: true },
  } as never,
  { collection: 'job_chunks', minimize: false, versionKey: false },
);

export type JobChunkModel = Model<JobChunk>;

/** Adds up the outcomes of rows. */
export function countRows(rows: readonly JobRow[]): JobCounts {
  const counts = noCounts();
  const byOverride: Record<string, number> = {};
  for (const { outcomes, overrides = [] } of rows) {
    for (const [place, what] of overrides.entries())
      if (what !== null) byOverride[`${place}:${what}`] = (byOverride[`${place}:${what}`] ?? 0) + 1;
    const codes = outcomes.filter((one) => one !== 'CHANGED' && one !== 'PENDING' && one !== 'NO_CHANGE');
    for (const code of new Set(codes)) counts.byCode[code] = (counts.byCode[code] ?? 0) + 1;
    if (outcomes.includes('CHANGED') || outcomes.includes('PENDING')) counts.changed += 1;
    else if (codes.length > 0) counts.refused += 1;
    else counts.unchanged += 1;
  }
  return Object.keys(byOverride).length > 0 ? { ...counts, byOverride } : counts;
}

export function addCounts(one: JobCounts, other: JobCounts): JobCounts {
  const byOverride = one.byOverride || other.byOverride;
  return {
    changed: one.changed + other.changed,
    unchanged: one.unchanged + other.unchanged,
    refused: one.refused + other.refused,
    byCode: summed(one.byCode, other.byCode),
    ...(byOverride ? { byOverride: summed(one.byOverride, other.byOverride) } : {}),
  };
}

function summed(
  one: Record<string, number> = {},
  other: Record<string, number> = {},
): Record<string, number> {
  const sums = { ...one };
  for (const [key, count] of Object.entries(other)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

export function jobChunkKey(jobId: string, index: number): string {
  return `${jobId}:${String(index).padStart(7, '0')}`;
}

interface ChunkModels {
  jobChunks: JobChunkModel;
}

/** A chunk's position: its job, the fence of its lease, and its index. */
type Place = { job: Pick<Job, '_id' | 'fence' | 'at'>; index: number };

/**
 * Stores a chunk of the selection. One that an interrupted lease stored at this position is replaced: it was not processed yet.
 * @returns false if a later lease has been here
 */
export async function freezeChunk(
  { jobChunks }: ChunkModels,
  { job, index }: Place,
  ids: string[],
): Promise<boolean> {
  const _id = jobChunkKey(job._id, index);
  const chunk = {
    jobId: job._id,
    ids,
    state: 'FROZEN',
    fence: job.fence,
    rows: [],
    counts: null,
    at: job.at,
  };
  try {
    await jobChunks.collection.updateOne(
      { _id: _id as never, fence: { $lte: job.fence } },
      { $set: chunk },
      { upsert: true },
    );
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export async function findChunk(
  { jobChunks }: ChunkModels,
  jobId: string,
  index: number,
): Promise<JobChunk | null> {
  return jobChunks.findById(jobChunkKey(jobId, index)).lean<JobChunk>();
}

/**
 * Stores that the work on a chunk is about to begin.
 * @param found the chunk as it was read
 * @returns false if another worker has written it since
 */
export async function beginChunk(
  { jobChunks }: ChunkModels,
  found: JobChunk,
  fence: number,
): Promise<boolean> {
  if (found.fence > fence) return false;
  const result = await jobChunks.collection.updateOne(
    { _id: found._id as never, fence: found.fence, state: found.state },
    { $set: { state: 'BEGUN', fence } },
  );
  return result.matchedCount === 1;
}

/**
 * Stores the outcomes of a chunk's contacts.
 * @returns false if a later lease has taken it over
 */
export async function endChunk(
  { jobChunks }: ChunkModels,
  found: JobChunk,
  fence: number,
  result: { rows: JobRow[]; counts: JobCounts },
): Promise<boolean> {
  const written = await jobChunks.collection.updateOne(
    { _id: found._id as never, fence },
    { $set: { state: 'DONE', ...result } },
  );
  return written.matchedCount === 1;
}

/** Deletes all chunks of a job. */
export async function deleteChunks({ jobChunks }: ChunkModels, jobId: string): Promise<void> {
  // After the job's id, keys continue with a colon; `;` comes right after `:`. So the range contains only this job's keys.
  await jobChunks.deleteMany({ _id: mongoose.trusted({ $gte: `${jobId}:`, $lt: `${jobId};` }) });
}

/** The outcome of each row of a job, in order. Rows that are not processed yet are not included. */
export async function* jobRows({ jobChunks }: ChunkModels, jobId: string): AsyncGenerator<JobRow> {
  for (let index = 0; ; index++) {
    const chunk = await findChunk({ jobChunks }, jobId, index);
    if (chunk?.state !== 'DONE') return;
    yield* chunk.rows;
  }
}
