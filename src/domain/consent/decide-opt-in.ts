/** Opting in to a type: at once, or once the contact has confirmed it by a mailed link. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { scopeOf } from './actors.js';
import { livePending } from './apply.js';
import { effectiveStatus, isCoveredByAll, optOutsOfAll, optOutsOver } from './effective.js';
import { hasOptedOutBefore } from './ended-opt-outs.js';
import { isContacts, repeatMs } from './opt-out-sets.js';
import { isOptInBlocked, isOvertaken, lifted, pend } from './rule-changes.js';
import {
  changed,
  changedBy,
  isGone,
  refused,
  type RuleContext,
  type Verdict,
  type WayIn,
} from './rule-context.js';
import type { Cell, Row } from './rules.js';
import type {
  Actor,
  Catalogue,
  Change,
  ConsentState,
  OptOut,
  SubscriptionType,
  Wish,
} from '../../vocabulary/terms.js';

/**
 * Decides on opting in to a type, by the actor's row of the rules.
 * @returns the changes, "no change" for a type that is subscribed, or a refusal with its code
 */
export function decideOptIn(
  state: ConsentState,
  type: SubscriptionType,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): Verdict {
  const current = effectiveStatus(state, type).status;
  const way = wayIn(state, type, { actor, row }, context);
  if (current === 'SUBSCRIBED') {
    if (way !== 'NOW' || !isBroughtBack(state, type, context)) return { kind: 'NO_CHANGE' };
    return changed({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from: current, to: current });
  }
  if (way === 'CONFIRM') return pend(state, type, context);
  return way === 'NOW' ? changedBy(() => lifted(state, type, context)) : refused(way);
}

/** How a type is opted in to: at once, after the contact confirms by a mailed link, or not at all. */
function wayIn(
  state: ConsentState,
  type: SubscriptionType,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): WayIn | RefusalCode {
  const blocked = isOptInBlocked(state, type, actor, context);
  if (blocked) return blocked;
  const wasOut = row.remembersOptOuts === true && hasOptedOutBefore(state, type);
  const isOut = wasOut || effectiveStatus(state, type).status === 'UNSUBSCRIBED';
  const cell = isOut ? row.optInAfterOptOut : row.optIn;
  const optOuts = optOutsOver(state, type);
  if (isOvertaken(actor, optOuts)) return 'PREVIOUSLY_OPTED_OUT';
  const refusal = refusalOfCell(cell, optOuts, actor, context) ?? refusalOfLift(state, type, { actor, row });
  if (refusal) return refusal;
  if (!hasToConfirm(cell, type, optOuts, context)) return 'NOW';
  // Confirmations are mailed, and a phone number gets no mail.
  if (type.channel !== 'EMAIL') return 'NO_ADDRESS';
  return context.unconfirmable ?? 'CONFIRM';
}

/**
 * True if an opt-in waits for confirmation: in a unit with double opt-in, and by a copied link after the contact's own
 * opt-out.
 */
function hasToConfirm(
  cell: Cell,
  type: SubscriptionType,
  optOuts: OptOut[],
  { catalogue }: RuleContext,
): boolean {
  if (cell === 'PENDING_AFTER_CONTACT' && optOuts.some(isContacts)) return true;
  return (cell === 'YES_OR_PENDING' || cell === 'PENDING_AFTER_CONTACT') && isDoubleOptIn(type, catalogue);
}

function isDoubleOptIn({ unitId }: SubscriptionType, { units }: Pick<Catalogue, 'units'>): boolean {
  return units.get(unitId)?.hasDoubleOptIn === true;
}

/**
 * False if the contact can never opt in to a type, because its unit requires a mailed confirmation and a phone number
 * gets no mail. Pages do not offer such a type.
 */
export function isConfirmable(type: SubscriptionType, catalogue: Pick<Catalogue, 'units'>): boolean {
  return type.channel === 'EMAIL' || !isDoubleOptIn(type, catalogue);
}

/** True if the wish opts out of the type, alone or with all that it covers. */
function isOptOutOf(wish: Wish, type: SubscriptionType): boolean {
  if (wish.kind === 'OPT_OUT') return wish.typeId === type.id;
  if (wish.kind !== 'OPT_OUT_OF_ALL' || !isCoveredByAll(type)) return false;
  return wish.unitId === null || wish.unitId === type.unitId;
}

/**
 * Types that this act opts in to together, and how. What one of them lifts or waits for counts for all. A type that the act also opts out of,
 * alone or with all others, is excluded: that wish decides whether its opt-in has to wait.
 */
export function optedInTogether(
  state: ConsentState,
  { actor, row, wishes }: { actor: Actor; row: Row; wishes: Wish[] },
  context: RuleContext,
): ReadonlyMap<number, WayIn> {
  const together = new Map<number, WayIn>();
  for (const wish of wishes) {
    const type = wish.kind === 'OPT_IN' ? context.catalogue.types.get(wish.typeId) : undefined;
    if (type?.channel !== context.channel) continue;
    if (wishes.some((other) => isOptOutOf(other, type))) continue;
    const way = wayIn(state, type, { actor, row }, context);
    if (way === 'NOW' || way === 'CONFIRM') together.set(type.id, way);
  }
  return together;
}

/**
 * True if another wish of the same act lifted the opt-out of all over this type. This act subscribes the type again,
 * and its history says so.
 */
function isBroughtBack(state: ConsentState, type: SubscriptionType, { before }: RuleContext): boolean {
  return (
    before !== undefined &&
    effectiveStatus(before, type).status !== 'SUBSCRIBED' &&
    before.subscriptions[type.id] === state.subscriptions[type.id]
  );
}

/** Why a cell refuses an opt-in, or a reset, under these opt-outs. */
export function refusalOfCell(
  cell: Cell,
  optOuts: readonly OptOut[],
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  const { legalBasis, explanation } = context.circumstances;
  const isPrivacyMode = context.catalogue.isPrivacyMode;
  const lacksBasis = legalBasis ? null : 'LEGAL_BASIS_REQUIRED';
  const lacksExplanation = explanation?.trim() ? null : 'EXPLANATION_REQUIRED';
  const lacksReasons = (isPrivacyMode ? lacksBasis : null) ?? lacksExplanation;
  switch (cell) {
    case 'YES':
    case 'YES_OR_PENDING':
    case 'PENDING_AFTER_CONTACT':
      return null;
    case 'FRESH_LINK':
      return 'LINK_EXPIRED';
    case 'UNLESS_CONTACT':
      return optOuts.some(isContacts) ? 'PREVIOUSLY_OPTED_OUT' : null;
    case 'EXPLAINED_IF_CONTACT':
      return optOuts.some(isContacts) ? lacksReasons : null;
    case 'EXPLAINED':
      return lacksReasons;
    case 'EXPLAINED_UNLESS_CONTACT':
      return optOuts.some(isContacts) ? 'PREVIOUSLY_OPTED_OUT' : lacksReasons;
    case 'EXPLAINED_IN_PRIVACY_MODE':
      return isPrivacyMode ? (lacksBasis ?? lacksExplanation) : null;
    case 'WITH_REASONS':
      return lacksBasis ?? lacksExplanation;
    case 'EVIDENCED':
      if (!optOuts.filter(isContacts).every((optOutOf) => isEvidenceLater(actor, optOutOf, context.now)))
        return 'PREVIOUSLY_OPTED_OUT';
      return lacksBasis ?? lacksExplanation;
    case 'NEVER_AFTER_OPT_OUT':
      return 'PREVIOUSLY_OPTED_OUT';
    default:
      return 'NOT_ALLOWED';
  }
}

/** Opting in under an opt-out of all also lifts it, so the row's last column applies too. */
function refusalOfLift(
  state: ConsentState,
  type: SubscriptionType,
  { actor, row }: { actor: Actor; row: Row },
): RefusalCode | null {
  const wide = optOutsOfAll(state, type);
  if (wide.length === 0) return null;
  if (row.lift === 'BY_OPTING_IN') return null;
  if (row.lift === 'ONLY_SET_BY_STAFF_IF_ASKED') return 'OPTED_OUT_OF_ALL';
  if (row.lift !== 'ONLY_SET_BY_STAFF') return 'PREVIOUSLY_OPTED_OUT';
  if (!wide.every(({ party }) => party === 'STAFF')) return 'NOT_SET_BY_STAFF';
  // Lifting a portal-wide opt-out changes all units.
  return state.optOuts.portal && scopeOf(actor) !== null ? 'NOT_ALLOWED' : null;
}

/** The contact confirms a pending opt-in by the link in the mail. */
export function decideConfirm(
  state: ConsentState,
  pendingId: string,
  actor: Actor,
  context: RuleContext,
): Verdict {
  // A copied link is not the mail, so it confirms nothing.
  if (actor.kind !== 'CONTACT' || actor.by) return refused('NOT_ALLOWED');
  const wish = livePending(state.pending, context.now).find(({ id }) => id === pendingId);
  if (wish?.confirmedAt) return { kind: 'NO_CHANGE' };
  if (!wish || !actor.isLinkFresh) return refused('LINK_EXPIRED');
  if (isGone(state, context)) return refused('ERASED');
  const types = wish.typeIds
    .flatMap((id) => context.catalogue.types.get(id) ?? [])
    .filter((type) => type.isActive && !type.isInternal)
    // The first one lifts the opt-outs of all over them, for all of them. An opt-out of all covers no transactional
    // type.
    .sort((a, b) => Number(isCoveredByAll(b)) - Number(isCoveredByAll(a)));
  const companions = new Map(types.map(({ id }) => [id, 'NOW' as const]));
  const changes: Change[] = [{ op: 'CONFIRMED', unitId: wish.unitId, typeId: null, pendingId }];
  types.forEach((type, index) => {
    if (effectiveStatus(state, type).status === 'SUBSCRIBED') return;
    const steps = lifted(state, type, { ...context, companions });
    // The opt-out of all of the unit is lifted once, by the first of them.
    changes.push(
      ...(index === 0 ? steps : steps.filter((step) => step.op === 'STATUS' && step.typeId === type.id)),
    );
  });
  return changed(...changes);
}

/** Evidence counts where it is later than the opt-out, by more than the time in which a repeated opt-out is not recorded. */
function isEvidenceLater(actor: Actor, { at }: OptOut, now: Date): boolean {
  const consentAt = actor.kind === 'API' ? actor.laterConsentAt : undefined;
  return consentAt !== undefined && consentAt.getTime() > at.getTime() + repeatMs && consentAt <= now;
}
