/** One run of a source: it fetches, checks the list against the last one, and hands it to the import; and what a run leaves behind. */
import { DomainError } from '../../errors.js';
import { deleteParts } from '../../models/import-part.js';
import { findImport, insertImport, updateImport, type Import } from '../../models/import.js';
import { findJob } from '../../models/job.js';
import type { LastRun, Source } from '../../models/source.js';
import { figure } from '../../vocabulary/words.js';
import { checkList } from '../imports/check.js';
import { importJobs } from '../imports/contract.js';
import { listOfRun } from '../imports/run.js';
import { keepList } from '../imports/list-file.js';
import { queueImport } from '../imports/start.js';
import { sourceJobId, type SourceDeps } from './contract.js';
import { fetchList } from './fetch-list.js';

/** Failures one after the other that need attention. */
const mostFailures = 3;

/** True if a person must look at the source. */
export function needsAttention({ failures, lastRun }: Pick<Source, 'failures' | 'lastRun'>): boolean {
  return failures >= mostFailures || lastRun?.outcome === 'HELD';
}

/**
 * Fetches and checks the list of a source, and queues its import. It writes no consent, and is safe to repeat.
 * @returns a value between steps
 */
export async function* fetchRun(
  deps: SourceDeps,
  { sourceId, importId }: { sourceId: string; importId: string },
): AsyncGenerator<void> {
  const source = await claimRun(deps, sourceId, importId);
  if (!source) return;
  try {
    const one = (await findImport(deps.models, importId, null)) ?? (await begin(deps, source, importId));
    if (!one) return await endWith(deps, importId, { outcome: 'UNCHANGED' });
    yield;
    if (one.state === 'RUNNING') return await queueImport(deps, one);
    if (one.state !== 'CHECKING') return await releaseRun(deps, importId);
    const steps = checkList(deps, one);
    let next = await steps.next();
    for (; !next.done; next = await steps.next()) yield;
    const counts = next.value;
    const { distinct } = counts;
    const isShrunk = distinct * 2 < source.accepted;
    const state = isShrunk ? 'CHECKED' : 'RUNNING';
    const confirmed = { ...one, state, counts, confirmedAt: isShrunk ? null : deps.clock() } as const;
    if (!isShrunk) await addList(deps, source, importId);
    await updateImport(deps.models, one, ['CHECKING'], confirmed);
    if (!isShrunk) return await queueImport(deps, confirmed);
    const sentence = `The list has ${figure(distinct)} addresses, and had ${figure(source.accepted)}.`;
    await endWith(deps, importId, { outcome: 'HELD', sentence });
  } catch (error) {
    if (!(error instanceof DomainError) || !isOfList(error)) throw error;
    const revision = { _id: importId, revision: 1 };
    await updateImport(deps.models, revision, ['CHECKING'], { state: 'REFUSED', fault: error.message });
    await endWith(deps, importId, { outcome: 'FAILED', sentence: error.message });
  }
}

/** @returns the import of the fetched list; null if the list has not changed */
async function begin(deps: SourceDeps, source: Source, importId: string): Promise<Import | null> {
  const { unitId, channel, mode, name, version } = source;
  const one: Import = {
    ...{ _id: importId, kind: 'OPT_OUTS', state: 'CHECKING', unitId, channel, choice: null, revision: 1 },
    ...{ file: { name, size: 0 }, fault: null, counts: null, result: null, undoes: null, undoneBy: null },
    ...{ by: source.createdBy, at: deps.clock(), confirmedAt: null, endedAt: null },
  };
  const list = await fetchList(deps, source, one);
  if (!list) return null;
  const { size, fetched, choice } = list;
  const begun: Import = {
    ...{ ...one, file: { name, size }, choice, source: { id: source._id, version, mode, fetched } },
  };
  await insertImport(deps.models, begun);
  return begun;
}

/** Imports a held list, although it is much smaller. @throws DomainError `CONFLICT` if it is not held any more */
export async function acceptList(deps: SourceDeps, { _id, lastRun }: Source): Promise<void> {
  const importId = lastRun?.outcome === 'HELD' ? (lastRun.importId ?? '') : '';
  const one = await findImport(deps.models, importId, null);
  if (one?.state !== 'CHECKED') throw gone();
  await keepList(deps, one);
  const source = await claimRun(deps, _id, importId);
  if (!source || source.lastRun?.importId !== importId) throw gone();
  await addList(deps, source, importId);
  const confirmed = { ...one, state: 'RUNNING', confirmedAt: deps.clock() } as const;
  if (!(await updateImport(deps.models, one, ['CHECKED'], confirmed))) throw gone();
  await queueImport(deps, confirmed);
}

/** Notes that an import of a source is done. Safe to repeat. */
export async function endRun(deps: Pick<SourceDeps, 'models' | 'clock'>, importId: string): Promise<void> {
  const one = await findImport(deps.models, importId, null);
  const source = await deps.models.sources.findOne({ run: importId }).lean<Source>();
  if (one?.state !== 'DONE' || !one.source || !source) return;
  const { mode, version, fetched } = one.source;
  const lists = mode === 'MIRROR' ? [importId] : source.lists;
  const listed = listOfRun(importId, mode);
  const older = [...source.lists, ...(source.listed ? [source.listed] : [])];
  for (const list of older)
    if (!lists.includes(list) && list !== listed) await deleteParts(deps.models, list);
  await endWith(
    deps,
    importId,
    { outcome: 'DONE' },
    {
      accepted: one.counts?.distinct ?? 0,
      ...{ lists, listed },
      ...(version === source.version ? { known: fetched } : {}),
    },
  );
}

/** Ends the run under way; for a run that has ended, nothing changes. */
async function endWith(
  { models, clock }: Pick<SourceDeps, 'models' | 'clock'>,
  importId: string,
  { outcome, sentence = null }: { outcome: LastRun['outcome']; sentence?: string | null },
  fields: Partial<Source> = {},
): Promise<void> {
  const hasImport = outcome === 'DONE' || outcome === 'HELD';
  const lastRun = { at: clock(), outcome, sentence, importId: hasImport ? importId : null };
  const isFailed = outcome === 'FAILED';
  await models.sources.updateOne(
    { run: importId },
    {
      $set: { run: null, lastRun, ...fields, ...(isFailed ? {} : { failures: 0 }) },
      ...(isFailed ? { $inc: { failures: 1 } } : {}),
    },
  );
}

/** Before the first write of an import: what it may write is looked for when the list is mirrored. */
async function addList({ models }: SourceDeps, { _id }: Source, importId: string): Promise<void> {
  await models.sources.updateOne({ _id }, { $addToSet: { lists: importId } });
}

/** After a kill between the end of a run and the end of its job. The end of an import is noted by `endRun`. */
async function releaseRun({ models }: SourceDeps, importId: string): Promise<void> {
  const one = await findImport(models, importId, null);
  if (one?.state !== 'DONE') await models.sources.updateOne({ run: importId }, { $set: { run: null } });
}

/** The list is at fault, or it has expired while its job waited. */
const isOfList = ({ code }: DomainError) => code === 'INVALID_FILE' || code === 'NOT_FOUND';

/** @returns null if another run is under way, or the source was deleted */
async function claimRun(deps: SourceDeps, id: string, importId: string): Promise<Source | null> {
  const { sources } = deps.models;
  const source = await sources.findById(id).lean<Source>();
  if (!source || source.run === importId) return source;
  if (source.run !== null && (await isUnderWay(deps, source.run))) return null;
  return sources
    .findOneAndUpdate({ _id: id, run: source.run }, { $set: { run: importId } }, { returnDocument: 'after' })
    .lean<Source>();
}

/** Whether a run is under way, also while a job waits for staff after its last attempt. */
export async function isUnderWay({ models }: Pick<SourceDeps, 'models'>, importId: string): Promise<boolean> {
  const jobs = await Promise.all(
    [`${importJobs.run}:${importId}`, sourceJobId(importId)].map((id) => findJob(models, id, null)),
  );
  return jobs.some((job) => job !== null && job.state !== 'DONE' && job.state !== 'CANCELLED');
}

const gone = () => new DomainError('CONFLICT', 'This list is not held any more. Look at the source again.');
