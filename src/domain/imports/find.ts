/** Reads imports, with the progress of the job that works on them. */
import { DomainError } from '../../errors.js';
import { findImport, type Import } from '../../models/import.js';
import { findJob, type Job } from '../../models/job.js';
import { importJobId, type ImportDeps, type WhichImport } from './contract.js';

type ReadDeps = Pick<ImportDeps, 'models'>;

/** @throws DomainError `NOT_FOUND` if the scope has no such import */
export async function requireImport({ models }: ReadDeps, { id, scope }: WhichImport): Promise<Import> {
  const found = await findImport(models, id, scope);
  if (!found) throw new DomainError('NOT_FOUND', 'This import does not exist.');
  return found;
}

/** The job that checks, runs or undoes; null before the check, and after the job was deleted. */
export async function importJob({ models }: ReadDeps, one: Import): Promise<Job | null> {
  return findJob(models, importJobId(one), null);
}

/** True if a worker works on it or will do so. A cancelled job has stopped for good, and a dead one waits for staff. */
export function isLive(job: Job | null): boolean {
  return job !== null && job.state !== 'CANCELLED' && job.state !== 'DONE';
}
