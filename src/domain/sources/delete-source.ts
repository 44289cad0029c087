/** Deletes a source. The opt-outs that it made stay, or are removed by an undo. */
import { DomainError } from '../../errors.js';
import { deleteParts } from '../../models/import-part.js';
import { insertImport, updateImport, type Import, type ImportSource } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import type { Source } from '../../models/source.js';
import { writing } from '../consent/durability.js';
import { importJobId, importJobs } from '../imports/contract.js';
import { undoOfSource } from '../imports/find.js';
import { requestOf } from '../imports/start.js';
import type { SourceDeps } from './contract.js';
import { isUnderWay } from './runs.js';

/** The opt-outs of a source stay for this long after its deletion, so that a process that is killed in between removes none of a source that remains. */
const undoAfterMs = 2000;

/** Deletes a source. The opt-outs that it made stay. */
export async function deleteSource({ models }: SourceDeps, source: Source): Promise<void> {
  await writing(() => models.sources.deleteOne({ _id: source._id }));
  for (const list of listsOf(source)) await deleteParts(models, list);
}

/**
 * Deletes a source, and queues the removal of exactly the opt-outs that it made. It is an undo among the imports. Safe to repeat.
 * @param by `user:<id>`
 * @returns the undo
 * @throws DomainError `CONFLICT` while a run is under way
 */
export async function deleteSourceAndOptOuts(deps: SourceDeps, source: Source, by: string): Promise<Import> {
  const { _id, name, unitId, channel, version, mode, run } = source;
  if (run !== null && (await isUnderWay(deps, run))) throw busy();
  const now = deps.clock();
  const of: ImportSource = { id: _id, version, mode, fetched: null, lists: listsOf(source) };
  const undo: Import = {
    ...{ _id: undoOfSource(_id), kind: 'UNDO', state: 'RUNNING', unitId, channel, revision: 1, by },
    ...{ file: { name, size: 0 }, choice: null, fault: null, counts: null, result: null, at: now },
    ...{ undoes: null, undoneBy: null, confirmedAt: now, endedAt: null },
    source: of,
  };
  await insertImport(deps.models, undo);
  // An earlier attempt may not have known all lists.
  await updateImport(deps.models, undo, ['RUNNING'], { source: of });
  await queueJob(deps, {
    ...{ id: importJobId(undo), kind: importJobs.undo, lane: 'LONG' },
    ...{ input: { importId: undo._id, revision: 1, isShort: false }, ...requestOf(undo) },
    notBefore: new Date(now.getTime() + undoAfterMs),
  });
  const { deletedCount } = await writing(() => deps.models.sources.deleteOne({ _id, run }));
  if (deletedCount === 1) return undo;
  // A run began in the meantime. Without the import, the job ends at once.
  await deps.models.imports.deleteOne({ _id: undo._id });
  throw busy();
}

const listsOf = ({ lists, listed }: Source) => [...new Set([...lists, ...(listed ? [listed] : [])])];

const busy = () =>
  new DomainError('CONFLICT', 'A run of this source is under way. Wait until it has ended, and try again.');
