/** What each change does to the state: the one reducer, for writing a change now and for replaying history. */
import { partyOf } from './actors.js';
import { Drafts } from './drafts.js';
import { endedAfter } from './ended-opt-outs.js';
import { hasParty, mergedSets, withOptOut, withoutParty } from './opt-out-sets.js';
import { restoredTarget, undoableAfter, undoableNoting } from './undo-save.js';
import type {
  Change,
  ConsentEvent,
  ConsentState,
  OptOutMarks,
  OptOutSet,
  PendingWish,
  Standing,
} from '../../vocabulary/terms.js';

export function emptyState(): ConsentState {
  return {
    subscriptions: {},
    optOuts: { portal: null, units: {}, types: {} },
    snoozes: {},
    pending: [],
    undeliverable: null,
    undoable: null,
    epoch: 0,
    erasedAt: null,
  };
}

/** Returns the state after one change and does not modify the given state. `standing` holds actor, time and reason. */
export function applyChange(
  state: ConsentState,
  change: Change,
  standing: Standing,
  drafts = new Drafts(),
): ConsentState {
  // Before the change, which may modify the same records.
  const ended = endedAfter(state, change, standing, drafts);
  const after = 'isEnded' in change ? state : changedBy(state, change, standing, drafts);
  return ended === state.endedOptOuts || (!state.endedOptOuts && drafts.isEmpty(ended))
    ? after
    : { ...after, endedOptOuts: ended };
}

function changedBy(state: ConsentState, change: Change, standing: Standing, drafts: Drafts): ConsentState {
  switch (change.op) {
    case 'STATUS':
      if (change.isRestored) return restoredTarget(state, change, drafts);
      return applyStatus(state, change, standing, drafts);
    case 'OPT_OUT_OF_ALL':
      if (change.isRestored) return restoredTarget(state, change, drafts);
      return applyOptOutOfAll(state, change, standing, drafts);
    case 'SNOOZE':
      if (change.isRestored) return restoredTarget(state, change, drafts);
      return {
        ...state,
        snoozes: drafts.with(
          state.snoozes,
          change.typeId,
          change.to && { at: standing.at, until: change.to },
        ),
      };
    case 'PENDING':
      return {
        ...state,
        pending: [
          ...livePending(state.pending, standing.at),
          {
            id: change.pendingId,
            unitId: change.unitId,
            typeIds: change.typeIds,
            at: standing.at,
            expiresAt: change.expiresAt,
          },
        ],
      };
    case 'CONFIRMED':
      return {
        ...state,
        pending: state.pending.map((wish) =>
          wish.id === change.pendingId ? { ...wish, confirmedAt: standing.at } : wish,
        ),
      };
    case 'UNDELIVERABLE':
      return {
        ...state,
        undeliverable: {
          ...standing,
          reason: change.reason,
          ...(change.soft === undefined ? {} : { soft: change.soft }),
        },
      };
    case 'DELIVERABLE':
      return { ...state, undeliverable: null };
    case 'ONE_TIME_BASIS':
      return state;
    case 'LINKS_REVOKED':
      return { ...state, epoch: change.to };
    case 'ERASED':
      return {
        ...state,
        erasedAt: standing.at,
        subscriptions: mapped(state.subscriptions, withoutWords),
        optOuts: erasedOptOuts(state.optOuts, standing),
        undeliverable: state.undeliverable && withoutWords(state.undeliverable),
        snoozes: {},
        pending: [],
      };
  }
}

/**
 * The state after one event, with what its Undo would restore.
 * @param drafts the same for a series of events, when no caller keeps the states between them
 */
export function applyEvent(state: ConsentState, event: ConsentEvent, drafts = new Drafts()): ConsentState {
  // Before the change, which may modify the same records.
  const noted = undoableNoting(state, event, drafts);
  const after = applyChange(state, event.change, standingOf(event), drafts);
  return { ...after, undoable: undoableAfter(noted, event, drafts) };
}

/** The state that a history produces, from its first event on (invariant 5). */
export function replay(events: Iterable<ConsentEvent>): ConsentState {
  let state = emptyState();
  const drafts = new Drafts();
  for (const event of events) state = applyEvent(state, event, drafts);
  return state;
}

/** The fields of an event that its status keeps. */
export function standingOf(
  event: Pick<ConsentEvent, 'at' | 'actor' | 'seq' | 'isMachine' | 'legalBasis' | 'detail'>,
): Standing {
  return {
    at: event.at,
    by: event.actor.kind,
    seq: event.seq,
    ...(event.actor.ref ? { ref: event.actor.ref } : {}),
    ...(event.isMachine ? { isMachine: true } : {}),
    ...(event.legalBasis ? { legalBasis: event.legalBasis } : {}),
    ...(event.detail?.explanation ? { explanation: event.detail.explanation } : {}),
  };
}

/** Pending and confirmed opt-ins that have not expired. */
export function livePending(pending: PendingWish[], now: Date): PendingWish[] {
  return pending.filter((wish) => wish.expiresAt > now);
}

type Of<Op extends Change['op']> = Extract<Change, { op: Op }>;

function applyStatus(
  state: ConsentState,
  change: Of<'STATUS'>,
  standing: Standing,
  drafts: Drafts,
): ConsentState {
  const { unitId, typeId, to } = change;
  const { portal, units, types } = state.optOuts;
  const own = types[typeId] ?? null;
  const over = mergedSets(portal, units[unitId]);
  const after = setAfter(own, { ...change, isOptOut: to === 'UNSUBSCRIBED' }, standing, over);
  return {
    ...state,
    subscriptions: subscriptionsAfter(state.subscriptions, change, standing, drafts),
    optOuts: after === own ? state.optOuts : { portal, units, types: drafts.with(types, typeId, after) },
    // Any new status, in or out, ends the pending opt-in.
    pending: isFromBefore(change)
      ? state.pending
      : withoutPendingTypes(state.pending, (waiting) => waiting === typeId),
    snoozes: to === 'UNSUBSCRIBED' ? drafts.with(state.snoozes, typeId, null) : state.snoozes,
  };
}

/** An opt-out keeps the subscription, which counts again if the opt-out is removed, but not if it is overridden. */
function subscriptionsAfter(
  subscriptions: ConsentState['subscriptions'],
  { typeId, to, removes }: Of<'STATUS'>,
  standing: Standing,
  drafts: Drafts,
): ConsentState['subscriptions'] {
  if (removes || to === 'UNSUBSCRIBED') return subscriptions;
  return drafts.with(subscriptions, typeId, to === 'SUBSCRIBED' ? standing : null);
}

function applyOptOutOfAll(
  state: ConsentState,
  change: Of<'OPT_OUT_OF_ALL'>,
  standing: Standing,
  drafts: Drafts,
): ConsentState {
  const { unitId, to } = change;
  const pending =
    to && !isFromBefore(change)
      ? state.pending.filter((wish) => wish.confirmedAt || (unitId !== null && wish.unitId !== unitId))
      : state.pending;
  const { portal, units, types } = state.optOuts;
  const own = unitId === null ? portal : (units[unitId] ?? null);
  const after = setAfter(own, { ...change, isOptOut: to }, standing, portal);
  if (unitId === null) return { ...state, pending, optOuts: { portal: after, units, types } };
  return { ...state, pending, optOuts: { portal, units: drafts.with(units, unitId, after), types } };
}

/** One target's set after a change. @param over the entries that move down to it, if the change moves any */
function setAfter(
  own: OptOutSet | null,
  change: OptOutMarks & { isOptOut: boolean },
  standing: Standing,
  over: OptOutSet | null,
): OptOutSet | null {
  if (change.removes) return withoutParty(own, change.removes);
  if (change.isHandedBack) return withoutParty(own, 'AUTOMATED');
  if (change.isMovedDown) return mergedSets(own, over);
  if (!change.isOptOut) return null;
  const { by: kind, ref, isMachine } = standing;
  // What an opt-in left of the contact's opt-out still belonged to the contact, even if the opt-in looked automated.
  const party = change.party ?? partyOf({ kind, ref }, change.isRemainder ? false : isMachine);
  return withOptOut(own, { ...standing, party });
}

/**
 * Entries that move down, and entries that remain after a removal, are older than the pending opt-in, so it stays
 * pending.
 */
function isFromBefore({ isRemainder, isHandedBack, isMovedDown, removes }: OptOutMarks): boolean {
  return isRemainder === true || isHandedBack === true || isMovedDown === true || removes !== undefined;
}

/** Erasing is an opt-out of everything by the person, even if an older event recorded it as staff's (decision 0500). */
function erasedOptOuts(
  { portal, units, types }: ConsentState['optOuts'],
  standing: Standing,
): ConsentState['optOuts'] {
  const erased = hasParty(portal, 'CONTACT') ? portal : withOptOut(portal, { ...standing, party: 'CONTACT' });
  return {
    portal: erased && erased.map(withoutWords),
    units: mapped(units, (set) => set.map(withoutWords)),
    types: mapped(types, (set) => set.map(withoutWords)),
  };
}

function withoutPendingTypes(pending: PendingWish[], isAnswered: (typeId: number) => boolean): PendingWish[] {
  return pending
    .map((wish) =>
      wish.confirmedAt ? wish : { ...wish, typeIds: wish.typeIds.filter((typeId) => !isAnswered(typeId)) },
    )
    .filter((wish) => wish.typeIds.length > 0);
}

function mapped<T>(record: Record<string, T>, act: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([id, value]) => [id, act(value)]));
}

/** Free text may name the person, so erasure takes it out. */
function withoutWords<T extends Standing>(standing: T): T {
  const kept = { ...standing };
  delete kept.explanation;
  return kept;
}
