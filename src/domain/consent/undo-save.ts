/** What a contact's last save changed, kept as it was before, so that its Undo restores exactly that (decision 0502). */
import { ownStatus } from './effective.js';
import { isGone } from './rule-context.js';
import type { RuleContext } from './rule-context.js';
import type { Verdict } from './rule-context.js';
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

/** Names a target in `undoable`: `portal`, `unit:0`, `type:3`; null for a change of none. */
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

/** Keeps what an event of a save changes as it was before. A later change of the same target by another act ends the Undo. */
export function withUndoable(before: ConsentState, after: ConsentState, event: ConsentEvent): ConsentState {
  const { change, save } = event;
  const { undoable } = before;
  const key = targetKeyOf(change);
  if (change.op === 'ERASED') return undoable ? { ...after, undoable: null } : after;
  if (save !== undefined) {
    const own: UndoableSave = undoable?.save === save ? undoable : { save, before: {} };
    const isNoted = key === null || own.before[key] !== undefined;
    const noted = isNoted ? own.before : { ...own.before, [key]: targetState(before, key) };
    return { ...after, undoable: { save, before: noted } };
  }
  if (!undoable || key === null || !undoable.before[key]) return after;
  const isRestored = 'isRestored' in change && change.isRestored === true;
  const { [key]: _, ...rest } = undoable.before;
  const isOver = !isRestored || Object.keys(rest).length === 0;
  return { ...after, undoable: isOver ? null : { ...undoable, before: rest } };
}

function targetState({ optOuts, subscriptions, snoozes }: ConsentState, key: string): TargetState {
  const [kind, id = ''] = key.split(':');
  if (kind === 'portal') return { optOuts: optOuts.portal };
  if (kind === 'unit') return { optOuts: optOuts.units[id] ?? null };
  return {
    optOuts: optOuts.types[id] ?? null,
    subscription: subscriptions[id] ?? null,
    snooze: snoozes[id] ?? null,
  };
}

/** The changes that restore what the save changed, the widest targets first. */
export function restoringChanges(
  state: ConsentState,
  types: ReadonlyMap<number, SubscriptionType>,
): Change[] {
  const noted = Object.entries(state.undoable?.before ?? {});
  return noted.map(([key, { optOuts, subscription }]): Change => {
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
    const chosen = subscription ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
    const to = optOuts ? 'UNSUBSCRIBED' : chosen;
    return { op: 'STATUS', unitId, typeId, from: ownStatus(state, typeId), to, isRestored };
  });
}

/** The state with everything that `undoable` holds put back, for a page that says what an Undo would do. */
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
export function restoredTarget(state: ConsentState, change: Change): ConsentState {
  const key = targetKeyOf(change);
  const was = key === null ? undefined : state.undoable?.before[key];
  if (key === null || !was) return state;
  return {
    ...undoneState({ ...state, undoable: { save: 0, before: { [key]: was } } }),
    undoable: state.undoable,
  };
}

/** For the contact, by a link that is fresh, where nothing that the save touched has changed since. */
export function decideUndo(state: ConsentState, save: number, actor: Actor, context: RuleContext): Verdict {
  if (actor.kind !== 'CONTACT') return { kind: 'REFUSED', code: 'NOT_ALLOWED' };
  if (state.undoable?.save !== save) return { kind: 'NO_CHANGE' };
  if (!actor.isLinkFresh) return { kind: 'REFUSED', code: 'LINK_EXPIRED' };
  if (isGone(state, context)) return { kind: 'REFUSED', code: 'ERASED' };
  const changes = restoringChanges(state, context.catalogue.types);
  return changes.length > 0 ? { kind: 'CHANGE', changes } : { kind: 'NO_CHANGE' };
}

function put<T>(into: Record<string, T>, id: string, value: T | null | undefined): void {
  if (value) into[id] = value;
  else Reflect.deleteProperty(into, id);
}
