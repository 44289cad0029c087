/** Reads imports, with the progress of the job that works on them. */
import { DomainError } from '../../errors.js';
import { findImport, type Import } from '../../models/import.js';
import { findJob, type Job } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
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

/** The undo of an import, or that of the deleted source whose run it was; null if neither was undone. */
export async function findUndo({ models }: ReadDeps, one: Import, scope: Scope): Promise<Import | null> {
  const { kind, undoneBy, source } = one;
  const id = undoneBy ?? (source && kind !== 'UNDO' ? undoOfSource(source.id) : null);
  return id === null ? null : findImport(models, id, scope);
}

/** The id of the undo that removes all opt-outs of a source. */
export const undoOfSource = (sourceId: string) => `undo-source-${sourceId}`;

/** True if a worker works on it or will do so. A cancelled job has stopped for good, and a dead one waits for staff. */
export function isLive(job: Job | null): boolean {
  return job !== null && job.state !== 'CANCELLED' && job.state !== 'DONE';
}
