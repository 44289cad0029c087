/** The changes that an allowed wish comes to: opting out, opting in under opt-outs of all, and waiting for a confirmation. */
import type { RefusalCode } from '../../errors.js';
import { livePending } from './apply.js';
import type { Verdict } from './rules.js';
import type {
  Actor,
  Catalogue,
  Change,
  Channel,
  Circumstances,
  ConsentState,
  Standing,
  SubscriptionType,
} from './terms.js';

/** What the rules need to know besides state, wish and actor. */
export interface RuleContext {
  catalogue: Catalogue;
  channel: Channel;
  now: Date;
  circumstances: Circumstances;
  /** False once the address was erased and nobody has brought it back. */
  hasAddress: boolean;
  /** Types opted in by the same act: opting in to one of them leaves the others alone. */
  companions?: ReadonlySet<number>;
  newPendingId: () => string;
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
  if (state.erasedAt && !context.hasAddress) return 'ERASED';
  return null;
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
  if (own && from === 'UNSUBSCRIBED' && !isWaiting && !isStronger(actor, own, context))
    return { kind: 'NO_CHANGE' };
  return {
    kind: 'CHANGE',
    changes: [{ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'UNSUBSCRIBED' }],
  };
}

/** Opting out of all of one unit, or of the account (`unitId` null). */
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
  if (standing && !isWaiting && !isStronger(actor, standing, context)) return { kind: 'NO_CHANGE' };
  return {
    kind: 'CHANGE',
    changes: [{ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: standing !== null, to: true }],
  };
}

/** A person's own act weighs more than a machine's in their name, and that more than anybody else's. */
function isStronger(actor: Actor, standing: Standing, context: RuleContext): boolean {
  return weight(actor.kind, context.circumstances.isMachine) > weight(standing.by, standing.isMachine);
}

function weight(kind: Actor['kind'], isMachine: boolean | undefined): number {
  if (kind !== 'CONTACT' && kind !== 'ONE_CLICK') return 0;
  return isMachine ? 1 : 2;
}

/**
 * Opting in to a type, with what stands over it lifted: every other type of the unit becomes `UNSUBSCRIBED`, and under a portal-wide
 * opt-out the other units keep a brand-wide one, so nothing else comes back.
 */
export function lifted(state: ConsentState, type: SubscriptionType, context: RuleContext): Change[] {
  const changes: Change[] = [];
  const { portal, units } = state.optOuts;
  if (portal) {
    changes.push({ op: 'OPT_OUT_OF_ALL', unitId: null, typeId: null, from: true, to: false });
    for (const unitId of context.catalogue.units.keys()) {
      if (unitId === type.unitId || units[unitId]) continue;
      changes.push({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: false, to: true });
    }
  }
  if (units[type.unitId]) {
    changes.push({ op: 'OPT_OUT_OF_ALL', unitId: type.unitId, typeId: null, from: true, to: false });
  }
  if (portal || units[type.unitId]) {
    for (const other of context.catalogue.orderedTypes) {
      const isTouched =
        other.unitId === type.unitId && other.channel === context.channel && other.id !== type.id;
      const from = state.statuses[other.id]?.status ?? 'NOT_SPECIFIED';
      if (!isTouched || from === 'UNSUBSCRIBED' || context.companions?.has(other.id)) continue;
      changes.push({ op: 'STATUS', unitId: other.unitId, typeId: other.id, from, to: 'UNSUBSCRIBED' });
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
        pendingId: context.newPendingId(),
        typeIds: [type.id, ...together],
        expiresAt: new Date(context.now.getTime() + context.pendingLifetimeMs),
      },
    ],
  };
}
