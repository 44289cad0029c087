/** What a contact's last save changed, stored with the earlier values, so that its Undo restores exactly those (decision 0502). */
import { isDeepStrictEqual } from 'node:util';
import { isByCopiedLink, isOfCopiedLink } from './actors.js';
import type { Drafts } from './drafts.js';
import { ownStatus } from './effective.js';
import { isContacts } from './opt-out-sets.js';
import { changed, isGone, refused, type RuleContext, type Verdict } from './rule-context.js';
import type {
  Actor,
  Change,
  ConsentEvent,
  ConsentState,
  OptOutSet,
  SubscriptionType,
  TargetState,
  UndoableSave,
} from '../../vocabulary/terms.js';

/** The key of a target in `undoable`: `portal`, `unit:0`, `type:3`; null for a change without a target. */
export function targetKeyOf(change: Change): string | null {
  switch (change.op) {
    case 'STATUS':
    case 'SNOOZE':
      return `type:${change.typeId}`;
    case 'OPT_OUT_OF_ALL':
      return change.unitId === null ? 'portal' : `unit:${change.unitId}`;
    default:
      return null;
  }
}

/** Before an event of a save: keeps the current value of what it changes. */
export function undoableNoting(
  state: ConsentState,
  { change, save }: ConsentEvent,
  drafts: Drafts,
): UndoableSave | null {
  if (save === undefined) return state.undoable;
  const own = state.undoable?.save === save ? state.undoable.before : {};
  const key = targetKeyOf(change);
  return { save, before: key === null || own[key] ? own : drafts.with(own, key, targetState(state, key)) };
}

/** After an event. A later change of the same target by another act ends the Undo. */
export function undoableAfter(
  undoable: UndoableSave | null,
  { change, save }: ConsentEvent,
  drafts: Drafts,
): UndoableSave | null {
  if (change.op === 'ERASED') return null;
  const key = targetKeyOf(change);
  if (save !== undefined || !undoable || key === null || !undoable.before[key]) return undoable;
  if (!('isRestored' in change) || change.isRestored !== true) return null;
  const rest = drafts.with(undoable.before, key, null);
  return drafts.isEmpty(rest) ? null : { ...undoable, before: rest };
}

function targetState(state: ConsentState, key: string): TargetState {
  const { optOuts, subscriptions, snoozes, endedOptOuts } = state;
  const of = endedOptOuts?.[key];
  const ended = of ? { ended: of } : {};
  const [kind, id = ''] = key.split(':');
  if (kind === 'portal') return { optOuts: optOuts.portal, ...ended };
  if (kind === 'unit') return { optOuts: optOuts.units[id] ?? null, ...ended };
  return {
    optOuts: optOuts.types[id] ?? null,
    subscription: subscriptions[id] ?? null,
    snooze: snoozes[id] ?? null,
    ...ended,
  };
}

/** The changes that restore what the save changed, starting with the widest targets. */
export function restoringChanges(
  state: ConsentState,
  types: ReadonlyMap<number, SubscriptionType>,
): Change[] {
  const noted = Object.entries(state.undoable?.before ?? {});
  return noted.map(([key, was]): Change => {
    const { optOuts, subscription, snooze } = was;
    const [kind, id] = key.split(':');
    const isRestored = true as const;
    if (kind !== 'type') {
      const unitId = kind === 'portal' ? null : Number(id);
      const from = (unitId === null ? state.optOuts.portal : state.optOuts.units[unitId]) ?? null;
      return {
        op: 'OPT_OUT_OF_ALL',
        unitId,
        typeId: null,
        from: from !== null,
        to: optOuts !== null,
        isRestored,
      };
    }
    const typeId = Number(id);
    const unitId = types.get(typeId)?.unitId ?? 0;
    const now = targetState(state, key);
    // The end of a pause is not an opt-in, so it is recorded as the end of a pause.
    if (isDeepStrictEqual([now.optOuts, now.subscription], [optOuts, subscription])) {
      const from = now.snooze?.until ?? null;
      return { op: 'SNOOZE', unitId, typeId, from, to: snooze?.until ?? null, isRestored };
    }
    const chosen = subscription ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
    const to = optOuts ? 'UNSUBSCRIBED' : chosen;
    return { op: 'STATUS', unitId, typeId, from: ownStatus(state, typeId), to, isRestored };
  });
}

/** The state with everything that `undoable` holds restored, for a page that says what an Undo would do. */
export function undoneState(state: ConsentState): ConsentState {
  const { optOuts } = state;
  let { portal } = optOuts;
  const units: Record<string, OptOutSet> = { ...optOuts.units };
  const types: Record<string, OptOutSet> = { ...optOuts.types };
  const subscriptions = { ...state.subscriptions };
  const snoozes = { ...state.snoozes };
  for (const [key, was] of Object.entries(state.undoable?.before ?? {})) {
    const [kind, id = ''] = key.split(':');
    if (kind === 'portal') portal = was.optOuts;
    else if (kind === 'unit') put(units, id, was.optOuts);
    else {
      put(types, id, was.optOuts);
      put(subscriptions, id, was.subscription);
      put(snoozes, id, was.snooze);
    }
  }
  return { ...state, optOuts: { portal, units, types }, subscriptions, snoozes, undoable: null };
}

/** One target of `undoneState`. */
export function restoredTarget(state: ConsentState, change: Change, drafts: Drafts): ConsentState {
  const key = targetKeyOf(change);
  const was = key === null ? undefined : state.undoable?.before[key];
  if (key === null || !was) return state;
  const { optOuts, subscriptions, snoozes } = state;
  const [kind, id = ''] = key.split(':');
  if (kind === 'portal') return { ...state, optOuts: { ...optOuts, portal: was.optOuts } };
  const of = kind === 'unit' ? 'units' : 'types';
  const restored = { ...optOuts, [of]: drafts.with(optOuts[of], id, was.optOuts) };
  if (kind === 'unit') return { ...state, optOuts: restored };
  return {
    ...state,
    optOuts: restored,
    subscriptions: drafts.with(subscriptions, id, was.subscription),
    snoozes: drafts.with(snoozes, id, was.snooze),
  };
}

/**
 * True if an Undo by a link that staff copied ends no opt-out in the contact's name that was made otherwise. In events of older releases, none counts
 * as made by a copied link.
 */
export function mayUndoByCopy(state: ConsentState): boolean {
  return Object.entries(state.undoable?.before ?? {}).every(([key, { optOuts }]) =>
    (targetState(state, key).optOuts ?? []).every(
      (one) => !isContacts(one) || isOfCopiedLink(one) || optOuts?.some(({ seq }) => seq === one.seq),
    ),
  );
}

/** For the contact, by a fresh link, if nothing that the save changed has changed since. */
export function decideUndo(state: ConsentState, save: number, actor: Actor, context: RuleContext): Verdict {
  if (actor.kind !== 'CONTACT') return refused('NOT_ALLOWED');
  if (state.undoable?.save !== save) return { kind: 'NO_CHANGE' };
  if (!actor.isLinkFresh) return refused('LINK_EXPIRED');
  if (isGone(state, context)) return refused('ERASED');
  if (isByCopiedLink(actor) && !mayUndoByCopy(state)) return { kind: 'NO_CHANGE' };
  const changes = restoringChanges(state, context.catalogue.types);
  return changes.length > 0 ? changed(...changes) : { kind: 'NO_CHANGE' };
}

function put<T>(into: Record<string, T>, id: string, value: T | null | undefined): void {
  if (value) into[id] = value;
  else Reflect.deleteProperty(into, id);
}
