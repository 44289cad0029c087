/** Undoes an import: a second import, which removes exactly the entries or contacts that the first one made. */
import { DomainError } from '../../errors.js';
import { findImport, insertImport, type Import } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import { importJobId, importJobKind, type ImportDeps, type WhichImport } from './contract.js';
import { importJob, isLive, requireImport } from './find.js';
import { requestOf } from './start.js';

/** The worker of a cancelled job may still write for a moment. */
const settledAfterMs = 15_000;

/**
 * Queues the undo of an import that is done, or whose job was cancelled. Repeating it changes nothing.
 * @param by `user:<id>`, `key:<id>` or `cli`
 * @returns the undo, which is itself in the list of imports
 * @throws DomainError `NOT_FOUND`; `CONFLICT` if the import has not run, or runs
 */
export async function undoImport(deps: ImportDeps, which: WhichImport, by: string): Promise<Import> {
  const one = await requireImport(deps, which);
  const isCut = one.state === 'RUNNING' && !isLive(await importJob(deps, one));
  const kind = one.kind === 'CONTACTS' ? 'UNDO_CONTACTS' : 'UNDO';
  const isUndo = one.kind === 'UNDO' || one.kind === 'UNDO_CONTACTS';
  if (isUndo || (one.state !== 'DONE' && !isCut))
    throw new DomainError('CONFLICT', 'Only an import that has ended can be undone.');
  if (one.source)
    throw new DomainError('CONFLICT', 'A source would import this list again: change or delete the source.');
  const { unitId, scope, channel, file, counts, contactCounts, _id: undoes } = one;
  const now = deps.clock();
  const undo: Import = {
    ...{
      _id: `undo-${undoes}`,
      kind,
      state: 'RUNNING',
      unitId,
      ...(scope === undefined ? {} : { scope }),
      channel,
      file,
      choice: null,
      revision: 1,
    },
    ...{ fault: null, counts: null, result: null, undoes, undoneBy: null, by, at: now },
    ...{ confirmedAt: now, endedAt: null },
  };
  await insertImport(deps.models, undo);
  await deps.models.imports.updateOne({ _id: undoes }, { $set: { undoneBy: undo._id } });
  const isShort = (counts?.distinct ?? contactCounts?.rows ?? Infinity) <= 5000;
  await queueJob(deps, {
    ...{ id: importJobId(undo), kind: importJobKind(undo), lane: isShort ? 'SHORT' : 'LONG' },
    ...{ input: { importId: undo._id, revision: 1, isShort }, ...requestOf(undo) },
    ...(isCut ? { notBefore: new Date(now.getTime() + settledAfterMs) } : {}),
  });
  return (await findImport(deps.models, undo._id, null)) ?? undo;
}
