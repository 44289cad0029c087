/** Chunks of a job: the contacts it is about, frozen a few hundred at a time, and what became of each. */
import mongoose, { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { RefusalCode, RowRefusal } from '../vocabulary/refusal-codes.js';
import { isDuplicateKey } from './database-fault.js';
import { noCounts } from './job.js';
import type { Job, JobCounts } from './job.js';

/** Contacts in one chunk: what is lost at most when a worker dies is the work on so many. */
export const chunkSize = 500;

export type RowOutcome = 'CHANGED' | 'PENDING' | 'NO_CHANGE' | RefusalCode | RowRefusal;

/** What became of one contact, or of one subscriber. Never an address. */
export interface JobRow {
  /** Null for a subscriber that no contact has. */
  contactId: string | null;
  /** Null where the contact is gone, or has no address in the channel. */
  subscriberId: string | null;
  /** One for each wish of the job, in their order; a single one where none of them came into question. */
  outcomes: RowOutcome[];
  /** In a preview, what each wish overrides: a status, or the actor of an opt-out. */
  overrides?: (string | null)[];
}

export interface JobChunk {
  /** `<job id>:<index, seven digits>`. */
  _id: string;
  jobId: string;
  /** Of contacts; of subscribers, where the job is about those. */
  ids: string[];
  /** `BEGUN` is noted before the first write, so that the worker that takes the chunk up again looks for what was done. */
  state: 'FROZEN' | 'BEGUN' | 'DONE';
  /** That of the lease that froze, began or ended it; an older one writes nothing here. */
  fence: number;
  /** Filled when it is done. */
  rows: JobRow[];
  counts: JobCounts | null;
  /** When the job was queued. */
  at: Date;
}

const schema = new Schema<JobChunk>(
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

export function jobChunkModel(connection: Connection): JobChunkModel {
  return connection.model<JobChunk>('JobChunk', schema);
}

/** Adds up what became of rows. */
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

/** A chunk's place: of which job, under which lease, the how-manieth. */
type Place = { job: Pick<Job, '_id' | 'fence' | 'at'>; index: number };

/**
 * Keeps a chunk of the selection. One that a broken-off lease kept at this place is replaced: nothing was done with it yet.
 * @returns false where a later lease has been here
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
 * Notes that the work on a chunk is about to begin.
 * @param found the chunk as it was read
 * @returns false where somebody else has been at it since
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
 * Notes what became of a chunk's contacts.
 * @returns false where a later lease has taken it up
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
  // Keys go on with a colon, so a range of them is those of this job alone: `;` comes right after `:`.
  await jobChunks.deleteMany({ _id: mongoose.trusted({ $gte: `${jobId}:`, $lt: `${jobId};` }) });
}

/** What became of each row of a job, in order; those that it has not come to yet are not among them. */
export async function* jobRows({ jobChunks }: ChunkModels, jobId: string): AsyncGenerator<JobRow> {
  for (let index = 0; ; index++) {
    const chunk = await findChunk({ jobChunks }, jobId, index);
    if (chunk?.state !== 'DONE') return;
    yield* chunk.rows;
  }
}
