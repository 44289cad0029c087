/** The file of a job, as text. */
import { findJobFile, readJobFile } from '../../src/models/job-file.js';
import type { Job } from '../../src/models/job.js';
import type { Models } from '../../src/models/index.js';

/** @throws Error if the job has no file */
export async function fileText(models: Models, job: Job, now: Date): Promise<string> {
  const file = await findJobFile(models, job, now);
  if (!file) throw new Error('There is no file.');
  const parts: Uint8Array[] = [];
  for await (const part of readJobFile(models, file, now)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
