/**
 * The file that a job writes, in parts: each step of the job stores one part, so a killed job continues after the last one. The file exists once the
 * job is done, until it expires.
 */
import mongoose from 'mongoose';
import type { Job } from './job.js';
import { readFile, storeFile } from './stored-file.js';
import type { FileModels, StoredFile } from './stored-file.js';

const dayMs = 24 * 3_600_000;
/** Days from the end of the job. */
export const jobFileDays = 7;
/** Parts of a job that never ends are deleted after this time. A step between two parts takes seconds. */
const unfinishedDays = 30;

const number = (of: number) => String(of).padStart(7, '0');

/** All parts of a job: by their index, and then by the fence of the lease that wrote them. */
const partsOf = (jobId: string) => ({ $gte: `${jobId}/`, $lt: `${jobId}0` });

/**
 * Stores the part of the current step. A worker that has lost the job may still store one, but the part of the highest fence counts.
 * @param job its `cursor` is the number of parts before this one
 */
export async function storeJobPart(
  models: FileModels,
  job: Pick<Job, '_id' | 'cursor' | 'fence'>,
  text: string,
  now: Date,
): Promise<void> {
  const id = `${job._id}/${number(job.cursor)}/${number(job.fence)}`;
  const expiresAt = new Date(now.getTime() + unfinishedDays * dayMs);
  await storeFile(models, { id, expiresAt }, [Buffer.from(text, 'utf8')]);
}

/** Sets when the file of a job expires. Called by its last step, which may be repeated. */
export async function finishJobFile(models: FileModels, jobId: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + jobFileDays * dayMs);
  await models.storedFiles.updateMany(
    { _id: mongoose.trusted(partsOf(jobId)) },
    { $set: { 'metadata.expiresAt': expiresAt } },
  );
}

export interface JobFile {
  /** Ids of the parts, in their order. */
  parts: string[];
  /** In bytes. */
  length: number;
  expiresAt: Date;
}

/** @returns undefined for a job that is not done, and for a file that has expired */
export async function findJobFile(
  models: FileModels,
  job: Pick<Job, '_id' | 'state' | 'cursor'>,
  now: Date,
): Promise<JobFile | undefined> {
  if (job.state !== 'DONE') return undefined;
  const found = await models.storedFiles
    .find({ _id: mongoose.trusted(partsOf(job._id)) })
    .sort({ _id: 1 })
    .lean<StoredFile[]>();
  // Of two parts with one index, the later one has the higher fence.
  const byIndex = new Map(found.map((part) => [part._id.slice(0, part._id.lastIndexOf('/')), part]));
  const parts = [...byIndex.values()].slice(0, job.cursor);
  const expiresAt = parts[0]?.metadata.expiresAt;
  if (!expiresAt || expiresAt <= now || parts.length < job.cursor) return undefined;
  return {
    parts: parts.map(({ _id }) => _id),
    length: parts.reduce((sum, part) => sum + part.length, 0),
    expiresAt,
  };
}

/** The bytes of the file, read only as fast as they are used. */
export async function* readJobFile(
  models: FileModels,
  { parts }: Pick<JobFile, 'parts'>,
  now: Date,
): AsyncGenerator<Uint8Array> {
  for (const id of parts) yield* readFile(models, id, now);
}
