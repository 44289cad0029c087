/** Writes the opt-outs of an import, and removes them again for its undo: part by part, each address once, also after a kill. */
import { decomposedAddress } from '../consent/address.js';
import type { ConsentDeps, ConsentInput } from '../consent/contract.js';
import type { Actor, Wish } from '../../vocabulary/terms.js';
import { findByAddress } from '../consent/merge-subscribers.js';
import { keepPart, narrowPart, nextPart, type ImportPart } from '../../models/import-part.js';
import type { Import, ImportResult } from '../../models/import.js';
import type { Source, SourceMode } from '../../models/source.js';
import { importActor, type ImportDeps } from './contract.js';
import { readListed } from './list-file.js';
import { readAddresses } from './read-addresses.js';
import { inParts, type ListedAddress } from './sorted-addresses.js';
import { writeParts, type Act, type Part } from './write-parts.js';

export type RunDeps = ImportDeps & ConsentDeps;

export interface RunOptions {
  /** The place of the last checkpoint; null at the beginning. */
  after: string | null;
  /** Called before each message of writes. It throws if another worker has taken the job over. */
  guard: () => void;
}

/** A written part: the place behind it, and what it did. It is null while the list is being read. */
export type RunProgress = { place: string; part: ImportResult } | null;

/** Addresses between two checkpoints. Never lower it: the first part after a kill must reach as far as the killed worker may have written. */
const partLength = 2000;

/**
 * Opts every address of the list out of all of the import's unit, in the order of their subscriber ids.
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired; `DATABASE_AWAY` and `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function* runList(
  deps: RunDeps,
  one: Import,
  { after, guard }: RunOptions,
): AsyncGenerator<RunProgress> {
  const source = one.source && (await deps.models.sources.findById(one.source.id).lean<Source>());
  let sorted = one.listed ?? '';
  // An older release did not store them in its check.
  if (!sorted) for await ({ listed: sorted } of readAddresses(deps, one)) yield null;
  const listed = inParts(readListed(deps, sorted, after ?? ''), partLength);
  const parts = listedParts(deps, one, listed, source?.listed ?? '');
  for await (const { part, acts } of writeParts(deps, one, parts, guard)) {
    if (one.source?.mode === 'APPEND') await keepOnlyAdded(deps, one, acts);
    const fresh = acts.filter(({ wasOptedOut }) => !wasOptedOut);
    const changed = fresh.filter(({ hasChanged }) => hasChanged).length;
    yield {
      place: part.place,
      part: { changed, unchanged: acts.length - changed, optedIn: fresh.length - changed },
    };
  }
  if (one.source?.mode === 'MIRROR') yield* removeLeavers(deps, one, sorted, { after, guard });
}

/** The acts of a list. The subscribers of each part are kept before anything of it is written. @param earlier the list that the source had before */
async function* listedParts(
  deps: RunDeps,
  one: Import,
  listed: AsyncIterable<ListedAddress[]>,
  earlier: string,
): AsyncGenerator<Part> {
  const { unitId, channel } = one;
  // One object for all, so that unknown addresses share a plan.
  const actor = importActor(one);
  const repeating = { ...actor, repeats: true };
  const wishes: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId }];
  const amongEarlier = membersOf(idsOfParts(keptParts(deps, earlier)));
  for await (const addresses of listed) {
    const ids = addresses.map(({ subscriberId }) => subscriberId);
    await keepPart(deps.models, one._id, ids);
    const list = one.source && listOfRun(one._id, one.source.mode);
    if (list && list !== one._id) await keepPart(deps.models, list, ids);
    const known = await amongEarlier(ids);
    await mergeSpellings(deps, one, addresses);
    const inputs = addresses.map(({ subscriberId, address }): ConsentInput => {
      const by = known.has(subscriberId) ? repeating : actor;
      return { subscriberId, channel, address, actor: by, wishes };
    });
    yield { place: ids.at(-1) ?? '', inputs };
  }
}

/** The id under which the parts of a run's whole list are kept. The parts of a run that appends have only what it added. */
export function listOfRun(importId: string, mode: SourceMode): string {
  return mode === 'MIRROR' ? importId : `${importId}.list`;
}

/** The kept parts of a list, in the order of their ids. @param done the last part that is done, of this list or another one */
async function* keptParts(
  { models }: RunDeps,
  list: string,
  done: string | null = null,
): AsyncGenerator<ImportPart> {
  let part = await nextPart(models, list, done?.startsWith(`${list}:`) ? done : null);
  for (; part; part = await nextPart(models, list, part._id)) yield part;
}

/** Of several lists, those that may have parts that are not done. */
function listsFrom(lists: readonly string[], done: string | null): readonly string[] {
  return lists.slice(
    Math.max(
      0,
      lists.findIndex((list) => done?.startsWith(`${list}:`)),
    ),
  );
}

async function* idsOfParts(parts: AsyncIterable<ImportPart>): AsyncGenerator<string> {
  for await (const { ids } of parts) yield* ids;
}

/** Tells which of some ids are among others. Both must come in ascending order. */
function membersOf(among: AsyncIterator<string>): (ids: readonly string[]) => Promise<Set<string>> {
  let next: IteratorResult<string> | undefined;
  return async (ids) => {
    const found = new Set<string>();
    for (const id of ids) {
      next ??= await among.next();
      while (!next.done && next.value < id) next = await among.next();
      if (!next.done && next.value === id) found.add(id);
    }
    return found;
  };
}

/** The parts of a source that only adds to its opt-outs would grow with each run, so they have only what the run added. */
async function keepOnlyAdded({ models }: RunDeps, { _id }: Import, acts: readonly Act[]): Promise<void> {
  const added = acts.filter(({ hasChanged }) => hasChanged).map(({ subscriberId }) => subscriberId);
  await narrowPart(models, _id, { first: acts[0]?.subscriberId ?? '', ids: added });
}

/** Marks a place among the earlier lists; it sorts behind all subscriber ids. */
const behindList = '~';

/** Removes the source's entries of addresses that its earlier lists had, and this one does not have. */
async function* removeLeavers(
  deps: RunDeps,
  one: Import,
  sorted: string,
  { after, guard }: RunOptions,
): AsyncGenerator<RunProgress> {
  const source = await deps.models.sources.findById(one.source?.id).lean<Source>();
  const earlier = (source?.lists ?? []).filter((id) => id !== one._id);
  const actor = importActor(one);
  const done = after?.startsWith(behindList) ? after.slice(1) : null;
  const leavers = async function* (): AsyncGenerator<Part> {
    for (const list of listsFrom(earlier, done)) {
      const amongThese = membersOf(idsOf(readListed(deps, sorted)));
      for await (const { _id, ids } of keptParts(deps, list, done)) {
        const stayed = await amongThese(ids);
        const left = ids.filter((id) => !stayed.has(id));
        yield { place: behindList + _id, inputs: left.map((id) => removalOf(one, actor, id)) };
      }
    }
  };
  for await (const { part, acts } of writeParts(deps, one, leavers(), guard)) {
    const removed = acts.filter(({ hasChanged }) => hasChanged).length;
    yield { place: part.place, part: { changed: 0, unchanged: 0, removed } };
  }
}

function removalOf({ channel }: Import, actor: Actor, subscriberId: string): ConsentInput {
  return { subscriberId, channel, actor, wishes: [{ kind: 'UNDO_IMPORT' }] };
}

async function* idsOf(bins: AsyncIterable<ListedAddress[]>): AsyncGenerator<string> {
  for await (const bin of bins) for (const { subscriberId } of bin) yield subscriberId;
}

/**
 * Removes the entries of the import or the source that this undo names, and no others.
 * @throws DomainError `DATABASE_AWAY` and `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function* runUndo(
  deps: RunDeps,
  undo: Import,
  { after, guard }: RunOptions,
): AsyncGenerator<RunProgress> {
  const actor = importActor(undo);
  const parts = async function* (): AsyncGenerator<Part> {
    for (const list of listsFrom(undo.source?.lists ?? [undo.undoes ?? ''], after))
      for await (const { _id, ids } of keptParts(deps, list, after))
        yield { place: _id, inputs: ids.map((id) => removalOf(undo, actor, id)) };
  };
  for await (const { part, acts } of writeParts(deps, undo, parts(), guard)) {
    const changed = acts.filter(({ hasChanged }) => hasChanged).length;
    yield { place: part.place, part: { changed, unchanged: acts.length - changed } };
  }
}

/** An erased address may be known by another spelling only: its opt-outs are found before anything is written. Few addresses have two spellings. */
async function mergeSpellings(
  deps: RunDeps,
  { channel }: Import,
  part: readonly ListedAddress[],
): Promise<void> {
  for (const { subscriberId, address } of part)
    if (decomposedAddress(channel, address) !== null)
      await findByAddress(deps, { subscriberId, channel, address });
}
