/** The changes that an allowed wish comes to: opting out, opting in under opt-outs of all, and waiting for a confirmation. */
import type { RefusalCode } from '../../errors.js';
import { livePending } from './apply.js';
import type { Verdict } from './rules.js';
import { isFirmer, machineWeight, othersWeight, weightOf } from './weight.js';
import type {
  Actor,
  Catalogue,
  Change,
  Channel,
  Circumstances,
  ConsentState,
  Standing,
  SubscriptionType,
  Wish,
} from './terms.js';

/** What the rules need to know besides state, wish and actor. */
export interface RuleContext {
  catalogue: Catalogue;
  channel: Channel;
  now: Date;
  circumstances: Circumstances;
  /** False once the address was erased and nobody has brought it back. */
  hasAddress: boolean;
  /** The state as this act found it, where the act has several wishes. */
  before?: ConsentState;
  /** Types opted in by the same act: opting in to one of them leaves the others alone. */
  companions?: ReadonlySet<number>;
  /** The name of a wish that waits, by the type that it begins with. */
  newPendingId: (typeId: number) => string;
  /** Milliseconds for which a pending wish waits. */
  pendingLifetimeMs: number;
}

/** Why an opt-in is out of the question for anybody, if it is. */
export function isOptInBlocked(
  state: ConsentState,
  type: SubscriptionType,
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  if (!type.isActive) return 'TYPE_ARCHIVED';
  if (type.isInternal && actor.kind === 'CONTACT') return 'UNKNOWN_TYPE';
  if (isGone(state, context)) return 'ERASED';
  return null;
}

/** Types that this act opts in to together: what one of them lifts or waits for counts for all. */
export function optedInTogether(
  state: ConsentState,
  input: { actor: Actor; wishes: Wish[] },
  context: RuleContext,
): ReadonlySet<number> {
  return new Set(
    input.wishes.flatMap((wish) => {
      if (wish.kind !== 'OPT_IN') return [];
      const type = context.catalogue.types.get(wish.typeId);
      return type?.channel === context.channel && !isOptInBlocked(state, type, input.actor, context)
        ? [type.id]
        : [];
    }),
  );
}

/** True for an erased subscriber whose address nobody has brought back: there is no one who could have asked to be let in. */
export function isGone(state: ConsentState, { hasAddress }: RuleContext): boolean {
  return state.erasedAt !== null && !hasAddress;
}

/** True where an opt-out came after the work in bulk was decided on: whoever decided did not know of it. */
export function isOvertaken(actor: Actor, optOuts: Standing[]): boolean {
  const decidedAt = actor.kind === 'STAFF' && actor.isBulk ? actor.decidedAt : undefined;
  return (
    decidedAt !== undefined &&
    optOuts.flatMap(({ at, beneath }) => (beneath ? [at, beneath.at] : [at])).some((at) => at > decidedAt)
  );
}

/** Opting out of one type. A contact's own opt-out is recorded over anybody else's, so that nobody else may undo it. */
export function optOut(
  state: ConsentState,
  type: SubscriptionType,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const own = state.statuses[type.id];
  const from = own?.status ?? 'NOT_SPECIFIED';
  const isWaiting = livePending(state.pending, context.now).some(
    (wish) => !wish.confirmedAt && wish.typeIds.includes(type.id),
  );
  const standing = own && from === 'UNSUBSCRIBED' ? own : null;
  const both = keptBoth(actor, standing, context);
  if (standing && !isWaiting && !both.keepsBoth && !isStronger(actor, standing, context))
    return { kind: 'NO_CHANGE' };
  return {
    kind: 'CHANGE',
    changes: [{ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'UNSUBSCRIBED', ...both }],
  };
}

/** Opting out of all of one unit, or of the account (`unitId` null). Of others' opt-outs the one that staff may not remove is what stands. */
export function optOutOfAll(
  state: ConsentState,
  unitId: number | null,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const standing = unitId === null ? state.optOuts.portal : (state.optOuts.units[unitId] ?? null);
  const isWaiting = livePending(state.pending, context.now).some(
    (wish) => !wish.confirmedAt && (unitId === null || wish.unitId === unitId),
  );
  const act = { by: actor.kind, at: context.now };
  const isFirm = standing !== null && isFirmer(act, standing.beneath ?? standing, state);
  const both = isFirm && standing.beneath ? { keepsBoth: true as const } : keptBoth(actor, standing, context);
  if (standing && !isWaiting && !both.keepsBoth && !isFirm && !isStronger(actor, standing, context))
    return { kind: 'NO_CHANGE' };
  const kept = standing && isFirmer(standing, act, state) ? { keepsStanding: true as const } : {};
  const from = standing !== null;
  return {
    kind: 'CHANGE',
    changes: [{ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from, to: true, ...both, ...kept }],
  };
}

/** A machine's opt-out may be put right, and another's may not go with it: whichever comes second, both are kept. */
function keptBoth(actor: Actor, standing: Standing | null, context: RuleContext): { keepsBoth?: true } {
  if (!standing || standing.beneath) return {};
  const weights = [weightOfAct(actor, context), weightOf(standing)];
  return weights.includes(machineWeight) && weights.includes(othersWeight) ? { keepsBoth: true } : {};
}

function isStronger(actor: Actor, standing: Standing, context: RuleContext): boolean {
  return weightOfAct(actor, context) > weightOf(standing);
}

function weightOfAct(actor: Actor, { circumstances: { isMachine = false } }: RuleContext): number {
  return weightOf({ by: actor.kind, isMachine });
}

/**
 * Opting in to a type, with what stands over it lifted: every other type of the unit becomes `UNSUBSCRIBED`, and under a portal-wide
 * opt-out the other units keep a brand-wide one, so nothing else comes back. What is kept weighs no less than what was lifted.
 */
export function lifted(state: ConsentState, type: SubscriptionType, context: RuleContext): Change[] {
  const changes: Change[] = [];
  const { portal, units } = state.optOuts;
  if (portal) {
    changes.push({ op: 'OPT_OUT_OF_ALL', unitId: null, typeId: null, from: true, to: false });
    for (const unitId of context.catalogue.units.keys()) {
      const own = units[unitId];
      const isKept = own && weightOf(own) >= weightOf(portal) && !isFirmer(portal, own, state);
      if (unitId === type.unitId || isKept) continue;
      const from = own !== undefined;
      changes.push({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from, to: true, isRemainder: true });
    }
  }
  if (units[type.unitId]) {
    changes.push({ op: 'OPT_OUT_OF_ALL', unitId: type.unitId, typeId: null, from: true, to: false });
  }
  const wide = [portal, units[type.unitId]].flatMap((standing) => (standing ? [weightOf(standing)] : []));
  if (wide.length > 0) {
    for (const other of context.catalogue.orderedTypes) {
      const isTouched =
        other.unitId === type.unitId && other.channel === context.channel && other.id !== type.id;
      const own = state.statuses[other.id];
      const from = own?.status ?? 'NOT_SPECIFIED';
      const isKept = own && from === 'UNSUBSCRIBED' && weightOf(own) >= Math.max(...wide);
      if (!isTouched || isKept || context.companions?.has(other.id)) continue;
      changes.push({
        op: 'STATUS',
        unitId: other.unitId,
        typeId: other.id,
        from,
        to: 'UNSUBSCRIBED',
        isRemainder: true,
      });
    }
  }
  const from = state.statuses[type.id]?.status ?? 'NOT_SPECIFIED';
  changes.push({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'SUBSCRIBED' });
  return changes;
}

/** Keeps the wish as pending, together with the other types of the unit that the same act opts in to. */
export function pend(state: ConsentState, type: SubscriptionType, context: RuleContext): Verdict {
  const waiting = livePending(state.pending, context.now).filter((wish) => !wish.confirmedAt);
  if (waiting.some((wish) => wish.typeIds.includes(type.id))) return { kind: 'NO_CHANGE' };
  const together = [...(context.companions ?? [])].filter((id) => {
    const other = context.catalogue.types.get(id);
    return id !== type.id && other?.unitId === type.unitId && other.isActive && !other.isInternal;
  });
  return {
    kind: 'CHANGE',
    changes: [
      {
        op: 'PENDING',
        unitId: type.unitId,
        typeId: null,
        pendingId: context.newPendingId(type.id),
        typeIds: [type.id, ...together],
        expiresAt: new Date(context.now.getTime() + context.pendingLifetimeMs),
      },
    ],
  };
}
