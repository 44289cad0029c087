/** The changes that an allowed wish makes: opting out, opting in under opt-outs of all, and becoming pending. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { isOfCopiedLink, scopeOf } from './actors.js';
import { livePending } from './apply.js';
import { effectiveStatus, isCoveredByAll, ownStatus } from './effective.js';
import { isContacts, isNews, mergedSets } from './opt-out-sets.js';
import { isInScope } from '../../vocabulary/scope.js';
import { targetKeyOf } from './undo-save.js';
import { changed, isGone, type RuleContext, type Verdict } from './rule-context.js';
import type {
  Actor,
  Change,
  ConsentState,
  OptOut,
  OptOutSet,
  Party,
  SubscriptionType,
} from '../../vocabulary/terms.js';

/** Why no actor could opt in, if so. */
export function isOptInBlocked(
  state: ConsentState,
  type: SubscriptionType,
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  if (!isInScope(scopeOf(actor), type.unitId)) return 'UNKNOWN_TYPE';
  if (!type.isActive) return 'TYPE_ARCHIVED';
  if (type.isInternal && actor.kind === 'CONTACT') return 'UNKNOWN_TYPE';
  if (isGone(state, context)) return 'ERASED';
  return null;
}

/** True if an opt-out came after the bulk work was requested: the person who requested it did not know of it. */
export function isOvertaken(actor: Actor, optOuts: readonly OptOut[]): boolean {
  const decidedAt = actor.kind === 'STAFF' && actor.isBulk ? actor.decidedAt : undefined;
  return decidedAt !== undefined && optOuts.some(({ at }) => at > decidedAt);
}

/**
 * True if a source only repeats that the address is on its list, and the contact itself has opted in to marketing of the unit since. After a list
 * that had the address, only a later act can have made it subscribed (decision 0695).
 */
export function isAnswered(
  state: ConsentState,
  unitId: number | null,
  actor: Actor,
  { catalogue }: RuleContext,
): boolean {
  if (actor.kind !== 'IMPORT' || !actor.repeats) return false;
  return Object.entries(state.subscriptions).some(([id, { by }]) => {
    const type = catalogue.types.get(Number(id));
    if (!type || !isCoveredByAll(type) || (unitId !== null && type.unitId !== unitId)) return false;
    return by === 'CONTACT' && effectiveStatus(state, type).status === 'SUBSCRIBED';
  });
}

/** Who opts out: the party, and whether by a link that staff copied. */
interface OptingOut {
  party: Party;
  isByCopy?: boolean;
}

/** Opting out of one type adds the party's entry, or moves the time of the contact's own. It ends a pending opt-in. */
export function optOut(
  state: ConsentState,
  type: SubscriptionType,
  by: OptingOut,
  context: RuleContext,
): Verdict {
  const isWaiting = livePending(state.pending, context.now).some(
    (wish) => !wish.confirmedAt && wish.typeIds.includes(type.id),
  );
  const { id: typeId, unitId } = type;
  const from = ownStatus(state, typeId);
  const change: Change = { op: 'STATUS', unitId, typeId, from, to: 'UNSUBSCRIBED', party: by.party };
  const set = state.optOuts.types[typeId];
  return isWaiting || isRecorded(state, { change, set, by }, context)
    ? changed(change)
    : { kind: 'NO_CHANGE' };
}

/** Opting out of all of one unit, or of the account (`unitId` null), in the same way. */
export function optOutOfAll(
  state: ConsentState,
  unitId: number | null,
  by: OptingOut,
  context: RuleContext,
): Verdict {
  const set = setOfAll(state, unitId);
  const isWaiting = livePending(state.pending, context.now).some(
    (wish) => !wish.confirmedAt && (unitId === null || wish.unitId === unitId),
  );
  const from = set !== null;
  const change: Change = { op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from, to: true, party: by.party };
  return isWaiting || isRecorded(state, { change, set, by }, context)
    ? changed(change)
    : { kind: 'NO_CHANGE' };
}

/**
 * True if an opt-out changes the set, or ends an Undo. An opt-out in the contact's name that repeats a save through a link that staff copied is recorded:
 * then the holder of that link cannot undo it (decision 0828).
 */
function isRecorded(
  { undoable }: ConsentState,
  opting: { change: Change; set: OptOutSet | null | undefined; by: OptingOut },
  { now }: RuleContext,
): boolean {
  const { change, set, by } = opting;
  if (isNews(set, by.party, now)) return true;
  const key = targetKeyOf(change) ?? '';
  if (by.isByCopy || !isContacts(by) || !undoable?.before[key]) return false;
  return set?.some((one) => isOfCopiedLink(one) && one.seq >= undoable.save) ?? false;
}

/** The opt-outs of all of a unit, or of the account (`unitId` null). */
export function setOfAll(
  { optOuts: { portal, units } }: ConsentState,
  unitId: number | null,
): OptOutSet | null {
  return unitId === null ? portal : (units[unitId] ?? null);
}

/**
 * Opting in to a type empties the type's set. An opt-out of all over the type is lifted, and its entries move down: from the unit's set to the unit's
 * other marketing types, from the account's to the other units too. So no other type resumes, and no opt-out is attributed to a new party. A move
 * that changes nothing is recorded where an Undo would remove the entries that are there, since it ends that Undo.
 */
export function lifted(state: ConsentState, type: SubscriptionType, context: RuleContext): Change[] {
  const { unitId } = type;
  const { types } = state.optOuts;
  const own = ownStatus(state, type.id);
  const optIn: Change = { op: 'STATUS', unitId, typeId: type.id, from: own, to: 'SUBSCRIBED' };
  if (!isCoveredByAll(type)) return [optIn];
  const { portal, units } = state.optOuts;
  const unit = units[unitId] ?? null;
  const isMovedDown = true as const;
  const changes: Change[] = [];
  const isKept = (key: string, set: OptOutSet | null, from: OptOutSet | null) =>
    mergedSets(set, from) === set && !(from && state.undoable?.before[key]);
  for (const other of context.catalogue.units.keys()) {
    const set = units[other] ?? null;
    if (other === unitId || isKept(`unit:${other}`, set, portal)) continue;
    const from = set !== null;
    changes.push({ op: 'OPT_OUT_OF_ALL', unitId: other, typeId: null, from, to: true, isMovedDown });
  }
  const over = mergedSets(portal, unit);
  for (const other of over ? context.catalogue.orderedTypes : []) {
    const set = types[other.id] ?? null;
    const isTouched =
      other.unitId === unitId &&
      other.channel === context.channel &&
      other.id !== type.id &&
      isCoveredByAll(other);
    if (!isTouched || context.companions?.get(other.id) === 'NOW') continue;
    if (isKept(`type:${other.id}`, set, over)) continue;
    const from = ownStatus(state, other.id);
    changes.push({ op: 'STATUS', unitId, typeId: other.id, from, to: 'UNSUBSCRIBED', isMovedDown });
  }
  if (portal) changes.push({ op: 'OPT_OUT_OF_ALL', unitId: null, typeId: null, from: true, to: false });
  if (unit) changes.push({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to: false });
  return [...changes, optIn];
}

/**
 * Removes an import's entries everywhere, including where they moved down. What remains of a set, or a subscription,
 * counts again.
 */
export function withoutImport(
  { optOuts, subscriptions }: ConsentState,
  party: Party,
  { catalogue }: RuleContext,
): Change[] {
  const isAlone = (set: OptOutSet) => set.every((one) => one.party === party);
  const has = (set: OptOutSet | null): set is OptOutSet => set?.some((one) => one.party === party) ?? false;
  const wide: [number | null, OptOutSet | null][] = [
    [null, optOuts.portal],
    ...Object.entries(optOuts.units).map(([id, set]): [number, OptOutSet] => [Number(id), set]),
  ];
  return [
    ...wide.flatMap(([unitId, set]): Change[] =>
      has(set)
        ? [{ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to: !isAlone(set), removes: party }]
        : [],
    ),
    ...Object.entries(optOuts.types).flatMap(([id, set]): Change[] => {
      const typeId = Number(id);
      const unitId = catalogue.types.get(typeId)?.unitId ?? 0;
      const left = subscriptions[typeId] ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
      const to = isAlone(set) ? left : 'UNSUBSCRIBED';
      return has(set) ? [{ op: 'STATUS', unitId, typeId, from: 'UNSUBSCRIBED', to, removes: party }] : [];
    }),
  ];
}

/** Makes the wish pending, together with the other types of the unit that the same act opts in to. */
export function pend(state: ConsentState, type: SubscriptionType, context: RuleContext): Verdict {
  const waiting = livePending(state.pending, context.now).filter((wish) => !wish.confirmedAt);
  if (waiting.some((wish) => wish.typeIds.includes(type.id))) return { kind: 'NO_CHANGE' };
  const together = [...(context.companions ?? [])].flatMap(([id, way]) =>
    way === 'CONFIRM' && id !== type.id && context.catalogue.types.get(id)?.unitId === type.unitId
      ? [id]
      : [],
  );
  const change: Change = {
    op: 'PENDING',
    unitId: type.unitId,
    typeId: null,
    pendingId: context.newPendingId(type.id),
    typeIds: [type.id, ...together],
    expiresAt: new Date(context.now.getTime() + context.pendingLifetimeMs),
  };
  return { kind: 'CHANGE', changes: [change], waits: true };
}
