/** Decides on a wish: the one function that reads the table of the rules. */
import { isByCopiedLink, partyOf, rowOf, scopeOf } from './actors.js';
import { decideConfirm, decideOptIn, refusalOfCell } from './decide-opt-in.js';
import { optOutsOver, ownStatus } from './effective.js';
import { decideUndoMachineOptOut } from './machine-opt-outs.js';
import { hasParty, olderImports, withoutParty } from './opt-out-sets.js';
import { isAnswered, isOvertaken, optOut, optOutOfAll, setOfAll, withoutImport } from './rule-changes.js';
import { changed, isGone, refused, type RuleContext, type Verdict } from './rule-context.js';
import { rules, type Row } from './rules.js';
import { decideUndo } from './undo-save.js';
import { decideClear, decideMark } from './undeliverable.js';
import { isInScope } from '../../vocabulary/scope.js';
import type {
  Actor,
  Catalogue,
  Change,
  ConsentState,
  SubscriptionType,
  Wish,
} from '../../vocabulary/terms.js';

/**
 * Decides on one wish, from the current state, the wish and the actor.
 * @returns the changes to record, "no change", or a refusal with its code. A wish that would change nothing is refused only outside the actor's
 *   scope. There nothing exists, so the answer must not depend on the state.
 */
export function decide(state: ConsentState, wish: Wish, actor: Actor, context: RuleContext): Verdict {
  if (!isInScope(scopeOf(actor), unitOf(wish, context.catalogue)))
    return refused('typeId' in wish ? 'UNKNOWN_TYPE' : 'NOT_ALLOWED');
  const row = rules[rowOf(actor)];
  const party = partyOf(actor, context.circumstances.isMachine);
  const by = { party, isByCopy: isByCopiedLink(actor) };
  switch (wish.kind) {
    case 'OPT_OUT':
      return withType(wish.typeId, context, (type) =>
        row.optOut === 'YES' ? optOut(state, type, by, context) : refused('NOT_ALLOWED'),
      );
    case 'OPT_OUT_OF_ALL':
      if (isAnswered(state, wish.unitId, actor, context)) return { kind: 'NO_CHANGE' };
      return row.optOut === 'YES' ? optOutOfAll(state, wish.unitId, by, context) : refused('NOT_ALLOWED');
    case 'OPT_IN':
      return withType(wish.typeId, context, (type) => decideOptIn(state, type, { actor, row }, context));
    case 'SET_NOT_SPECIFIED':
      return withType(wish.typeId, context, (type) => decideSetBack(state, type, { actor, row }, context));
    case 'LIFT_OPT_OUT_OF_ALL':
      return decideLift(state, wish.unitId, { actor, row }, context);
    case 'SNOOZE':
      return withType(wish.typeId, context, (type) => decideSnooze(state, type, wish.days, actor, context));
    case 'CONFIRM':
      return decideConfirm(state, wish.pendingId, actor, context);
    case 'MARK_UNDELIVERABLE':
      return decideMark(state, wish, actor);
    case 'CLEAR_UNDELIVERABLE':
      return decideClear(state, wish, actor, context);
    case 'UNDO_MACHINE_OPT_OUT':
      return decideUndoMachineOptOut(state, wish.of, actor, context);
    case 'UNDO_IMPORT': {
      if (row.lift !== 'BY_UNDOING_IMPORT' || party === olderImports) return refused('NOT_ALLOWED');
      const changes = withoutImport(state, party, context);
      return changes.length > 0 ? changed(...changes) : { kind: 'NO_CHANGE' };
    }
    case 'UNDO_SAVE':
      return decideUndo(state, wish.save, actor, context);
    case 'RECORD_COMMUNICATION':
      return decideCommunication(state, wish, actor, context);
    case 'REVOKE_LINKS':
      if (actor.kind !== 'STAFF') return refused('NOT_ALLOWED');
      return changed(linksRevoked(state));
    case 'ERASE':
      return decideErase(state, actor, context);
  }
}

/** The business unit that a wish is about; null for the whole account, and for a type that does not exist. */
function unitOf(wish: Wish, { types }: Pick<Catalogue, 'types'>): number | null {
  const of = wish.kind === 'UNDO_MACHINE_OPT_OUT' ? wish.of : wish;
  if ('typeId' in of && of.typeId !== null) return types.get(of.typeId)?.unitId ?? null;
  return 'unitId' in of ? of.unitId : null;
}

/** In bulk, any opt-out by the contact blocks the opt-in. One by one, the contact's own opt-out of the type requires reasons. */
function decideSetBack(
  state: ConsentState,
  type: SubscriptionType,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): Verdict {
  const from = ownStatus(state, type.id);
  if (from === 'NOT_SPECIFIED') return { kind: 'NO_CHANGE' };
  if (row.setBack === 'NO') return refused('NOT_ALLOWED');
  if (isGone(state, context)) return refused('ERASED');
  const over = optOutsOver(state, type);
  if (isOvertaken(actor, over)) return refused('PREVIOUSLY_OPTED_OUT');
  const optOuts = row.setBack === 'UNLESS_CONTACT' ? over : (state.optOuts.types[type.id] ?? []);
  const refusal = refusalOfCell(row.setBack, optOuts, actor, context);
  if (refusal) return refused(refusal);
  return changed({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'NOT_SPECIFIED' });
}

function decideLift(
  state: ConsentState,
  unitId: number | null,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): Verdict {
  const set = setOfAll(state, unitId);
  if (!set) return { kind: 'NO_CHANGE' };
  if (row.lift !== 'ONLY_SET_BY_STAFF' && row.lift !== 'ONLY_SET_BY_STAFF_IF_ASKED')
    return refused('NOT_ALLOWED');
  if (isOvertaken(actor, set)) return refused('PREVIOUSLY_OPTED_OUT');
  if (!hasParty(set, 'STAFF')) return refused('NOT_SET_BY_STAFF');
  if (isGone(state, context)) return refused('ERASED');
  const to = withoutParty(set, 'STAFF') !== null;
  return changed({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to, removes: 'STAFF' });
}

function withType(typeId: number, context: RuleContext, act: (type: SubscriptionType) => Verdict): Verdict {
  const type = context.catalogue.types.get(typeId);
  return type && type.channel === context.channel ? act(type) : refused('UNKNOWN_TYPE');
}

const dayMs = 86_400_000;

/** Pauses one type for a while, which only its contact can do. @param days 0 resumes it */
function decideSnooze(
  state: ConsentState,
  type: SubscriptionType,
  days: number,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const standing = state.snoozes[type.id];
  const from = standing && standing.until > context.now ? standing.until : null;
  const to = days === 0 ? null : new Date(context.now.getTime() + days * dayMs);
  // The same choice, sent again within a moment, changes nothing.
  if (from === to || (from && to && Math.abs(to.getTime() - from.getTime()) < dayMs))
    return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'CONTACT') return refused('NOT_ALLOWED');
  if (!actor.isLinkFresh) return refused('LINK_EXPIRED');
  if (type.isInternal) return refused('UNKNOWN_TYPE');
  if (!type.isActive) return refused('TYPE_ARCHIVED');
  return changed({ op: 'SNOOZE', unitId: type.unitId, typeId: type.id, from, to });
}

/**
 * Records the basis of one call or one-to-one mail, and changes no status (specification "May we send?"). Without an opt-out of all, no basis is
 * needed.
 */
function decideCommunication(
  state: ConsentState,
  { unitId, purpose }: Extract<Wish, { kind: 'RECORD_COMMUNICATION' }>,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const { legalBasis, explanation } = context.circumstances;
  if (!state.optOuts.portal && !state.optOuts.units[unitId]) return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'STAFF') return refused('NOT_ALLOWED');
  if (isGone(state, context)) return refused('ERASED');
  if (!legalBasis) return refused('LEGAL_BASIS_REQUIRED');
  if (!explanation?.trim()) return refused('EXPLANATION_REQUIRED');
  return changed({ op: 'ONE_TIME_BASIS', unitId, typeId: null, purpose });
}

/**
 * Erasing a person deletes the data and keeps the suppression (decision 0005). It is for staff, the API, and a contact with a fresh link. A link
 * that staff copied cannot erase: the role of the person who copied it may not allow it (decision 0574).
 */
function decideErase(state: ConsentState, actor: Actor, context: RuleContext): Verdict {
  if (isGone(state, context)) return { kind: 'NO_CHANGE' };
  if (isByCopiedLink(actor)) return refused('NOT_ALLOWED');
  const mayErase =
    actor.kind === 'STAFF' || actor.kind === 'API' || (actor.kind === 'CONTACT' && actor.isLinkFresh);
  if (!mayErase) return refused(actor.kind === 'CONTACT' ? 'LINK_EXPIRED' : 'NOT_ALLOWED');
  // A person who asks to be erased wants no more mail, so the opt-out is the person's even if staff erase.
  const stop = optOutOfAll(state, null, { party: 'CONTACT' }, context);
  const changes = stop.kind === 'CHANGE' ? stop.changes : [];
  return changed(...changes, linksRevoked(state), { op: 'ERASED', unitId: null, typeId: null });
}

function linksRevoked({ epoch }: ConsentState): Change {
  return { op: 'LINKS_REVOKED', unitId: null, typeId: null, from: epoch, to: epoch + 1 };
}
