/** Writes the opt-outs of an import, and removes them again for its undo: part by part, each address once, also after a kill. */
import { decomposedAddress } from '../consent/address.js';
import type { ConsentDeps, ConsentInput } from '../consent/change.js';
import type { Wish } from '../../vocabulary/terms.js';
import { changeConsentInBulk } from '../consent/change-in-bulk.js';
import { findByAddress } from '../consent/merge-subscribers.js';
import { setOfAll } from '../consent/rule-changes.js';
import { keepPart, narrowPart, nextPart } from '../../models/import-part.js';
import type { Import, ImportResult } from '../../models/import.js';
import type { Source, SourceMode } from '../../models/source.js';
import { importActor, type ImportDeps } from './contract.js';
import { readListed } from './list-file.js';
import { readAddresses } from './read-addresses.js';
import { inParts, type ListedAddress } from './sorted-addresses.js';

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
/** Addresses in one message of writes. */
const batchLength = 500;
/** While the database writes one batch, the next one is prepared. */
const lanes = 2;

/**
 * Opts every address of the list out of all of the import's unit, in the order of their subscriber ids.
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired; `DATABASE_AWAY` and `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function* runList(
  deps: RunDeps,
  one: Import,
  { after, guard }: RunOptions,
): AsyncGenerator<RunProgress> {
  const { unitId, channel } = one;
  // One object for all, so that unknown addresses share a plan.
  const actor = importActor(one);
  const wishes: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId }];
  const source = one.source && (await deps.models.sources.findById(one.source.id).lean<Source>());
  const repeating = { ...actor, repeats: true };
  const amongListed = membersOf(partsOf(deps, source?.listed ?? ''));
  let sorted = one.listed ?? '';
  // An older release did not store them in its check.
  if (!sorted) for await ({ listed: sorted } of readAddresses(deps, one)) yield null;
  const parts = inParts(readListed(deps, sorted, after ?? ''), partLength);
  let isOver = false;
  const stillGuarded = () => {
    if (isOver) throw new Error('This import has stopped.');
    guard();
  };
  /** Keeps the next part and begins to look its addresses up. Nothing is written before `write`. */
  const beginNext = async (isRepeat: boolean) => {
    const next = await parts.next();
    if (next.done) return undefined;
    const part = next.value;
    const ids = part.map(({ subscriberId }) => subscriberId);
    await keepPart(deps.models, one._id, ids);
    const list = one.source && listOfRun(one._id, one.source.mode);
    if (list && list !== one._id) await keepPart(deps.models, list, ids);
    const listed = await amongListed(ids);
    const inputs = part.map(({ subscriberId, address }): ConsentInput => {
      const by = listed.has(subscriberId) ? repeating : actor;
      return { subscriberId, channel, address, actor: by, wishes };
    });
    await mergeSpellings(deps, one, part);
    let write: () => void = () => undefined;
    const mayWrite = new Promise<void>((resolve) => (write = resolve));
    const acts = changeAll(deps, one, inputs, { isRepeat, guard: stillGuarded, mayWrite });
    // It is awaited later.
    acts.catch(() => undefined);
    return { ids, acts, write };
  };
  let part: Awaited<ReturnType<typeof beginNext>>;
  let following: typeof part;
  try {
    // What a killed worker may have written behind the last checkpoint is looked for, and counts as done.
    part = await beginNext(true);
    while (part) {
      guard();
      part.write();
      following = await beginNext(false);
      const acts = await part.acts;
      if (one.source?.mode === 'APPEND') await keepOnlyAdded(deps, one, part.ids, acts);
      const fresh = acts.filter(({ wasOptedOut }) => !wasOptedOut);
      const changed = fresh.filter(({ hasChanged }) => hasChanged).length;
      // The checkpoint. So a killed worker has written at most one part behind it.
      yield {
        place: part.ids.at(-1) ?? '',
        part: { changed, unchanged: acts.length - changed, optedIn: fresh.length - changed },
      };
      part = following;
    }
    if (one.source?.mode === 'MIRROR') yield* removeLeavers(deps, one, sorted, { after, guard });
  } finally {
    isOver = true;
    for (const begun of [part, following]) begun?.write();
    await Promise.allSettled([part?.acts, following?.acts]);
  }
}

/** The id under which the parts of a run's whole list are kept. The parts of a run that appends have only what it added. */
export function listOfRun(importId: string, mode: SourceMode): string {
  return mode === 'MIRROR' ? importId : `${importId}.list`;
}

/** The subscribers of kept parts, in the order of their ids. */
async function* partsOf({ models }: RunDeps, listId: string): AsyncGenerator<string> {
  let part = await nextPart(models, listId, null);
  for (; part; part = await nextPart(models, listId, part._id)) yield* part.ids;
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
async function keepOnlyAdded(
  { models }: RunDeps,
  { _id }: Import,
  ids: readonly string[],
  acts: readonly Act[],
): Promise<void> {
  const known = new Set(acts.filter(({ hasChanged }) => !hasChanged).map(({ subscriberId }) => subscriberId));
  const added = ids.filter((id) => !known.has(id));
  await narrowPart(models, _id, { first: ids[0] ?? '', ids: added });
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
  let done = after?.startsWith(behindList) ? after.slice(1) : null;
  const from = done === null ? 0 : earlier.indexOf(done.slice(0, done.lastIndexOf(':')));
  let isRepeat = true;
  for (const list of earlier.slice(Math.max(0, from))) {
    const amongThese = membersOf(idsOf(readListed(deps, sorted)));
    for (;;) {
      const part = await nextPart(deps.models, list, done);
      if (!part) break;
      const stayed = await amongThese(part.ids);
      const left = part.ids.filter((id) => !stayed.has(id));
      const inputs = left.map((subscriberId): ConsentInput => {
        return { subscriberId, channel: one.channel, actor, wishes: [{ kind: 'UNDO_IMPORT' }] };
      });
      const acts = await changeAll(deps, one, inputs, { isRepeat, guard });
      const removed = acts.filter(({ hasChanged }) => hasChanged).length;
      yield { place: behindList + part._id, part: { changed: 0, unchanged: 0, removed } };
      [done, isRepeat] = [part._id, false];
    }
    done = null;
  }
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
  const lists = undo.source?.lists ?? [undo.undoes ?? ''];
  const from = lists.indexOf(after?.slice(0, after.lastIndexOf(':')) ?? '');
  let isRepeat = true;
  let done = after;
  for (const list of lists.slice(Math.max(0, from))) {
    for (;;) {
      const part = await nextPart(deps.models, list, done);
      if (!part) break;
      const inputs = part.ids.map((subscriberId): ConsentInput => {
        return { subscriberId, channel: undo.channel, actor, wishes: [{ kind: 'UNDO_IMPORT' }] };
      });
      const acts = await changeAll(deps, undo, inputs, { isRepeat, guard });
      const changed = acts.filter(({ hasChanged }) => hasChanged).length;
      yield { place: part._id, part: { changed, unchanged: acts.length - changed } };
      [done, isRepeat] = [part._id, false];
    }
    done = null;
  }
}

/** What one act did. The whole results of a part would be megabytes. */
interface Act {
  subscriberId: string;
  hasChanged: boolean;
  /** Opted out of all of the unit before the act. */
  wasOptedOut: boolean;
}

/**
 * Prepares a batch while the database writes another one. It writes one at a time: two would both take twice as long.
 * @param options nothing is written before `mayWrite`
 */
async function changeAll(
  deps: ConsentDeps,
  { unitId }: Import,
  inputs: readonly ConsentInput[],
  options: { isRepeat: boolean; guard: () => void; mayWrite?: Promise<void> },
): Promise<Act[]> {
  const { isRepeat, guard, mayWrite } = options;
  const acts: Act[] = [];
  let next = 0;
  let turn: Promise<unknown> = mayWrite ?? Promise.resolve();
  const lane = async () => {
    while (next < inputs.length) {
      const batch = inputs.slice(next, (next += batchLength));
      let isDone: () => void = () => undefined;
      const done = new Promise<void>((resolve) => (isDone = resolve));
      let own: Promise<unknown> | undefined;
      const beforeWrite = async () => {
        if (!own) [own, turn] = [turn, turn.then(() => done)];
        await own;
        guard();
      };
      try {
        for (const { before, events, subscriber } of await changeConsentInBulk(deps, batch, {
          isRepeat,
          beforeWrite,
        }))
          acts.push({
            subscriberId: subscriber._id,
            hasChanged: events.length > 0,
            wasOptedOut: Boolean(setOfAll(before, unitId) ?? before.optOuts.portal),
          });
      } finally {
        isDone();
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return acts;
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
