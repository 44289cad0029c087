/** Effective status: the result of a subscriber's statuses and opt-outs for one type, and the level that decided. */
import { leadingOf } from './opt-out-sets.js';
import type {
  Catalogue,
  ConsentState,
  OptOut,
  OptOutSet,
  Standing,
  SubscriptionStatus,
  SubscriptionType,
} from '../../vocabulary/terms.js';

export type DecidingLevel = 'PORTAL_WIDE_STATUS' | 'BRAND_WIDE_STATUS' | 'SUBSCRIPTION_STATUS';

/** The part of a state that decides who may be mailed. */
export type Decided = Pick<ConsentState, 'subscriptions' | 'optOuts'>;

export interface EffectiveStatus {
  status: SubscriptionStatus;
  level: DecidingLevel;
  /** Actor, time and reason of the subscription, or of the opt-out that decides. Absent if nothing is specified. */
  standing?: Standing & Partial<Pick<OptOut, 'party'>>;
  /** Every party's opt-out of the deciding target. */
  optOuts?: OptOutSet;
}

/** The fields of a type that decide its effective status. */
export type Covered = Pick<SubscriptionType, 'id' | 'unitId' | 'purpose'>;

/** True for a type that an opt-out of all covers: transactional types are never covered (specification "Terms"). */
export function isCoveredByAll({ purpose }: Pick<SubscriptionType, 'purpose'>): boolean {
  return purpose !== 'TRANSACTIONAL';
}

/**
 * Portal-wide opt-out, else brand-wide opt-out, else the type's own status, else `NOT_SPECIFIED`
 * (specification "Effective status"). A type added later is covered by an opt-out of all that is in effect.
 */
export function effectiveStatus(state: Decided, type: Covered): EffectiveStatus {
  const { portal, units, types } = state.optOuts;
  const wide = isCoveredByAll(type)
    ? (optedOut(portal, 'PORTAL_WIDE_STATUS') ?? optedOut(units[type.unitId], 'BRAND_WIDE_STATUS'))
    : null;
  return wide ?? optedOut(types[type.id], 'SUBSCRIPTION_STATUS') ?? ownChoice(state.subscriptions[type.id]);
}

function optedOut(optOuts: OptOutSet | null | undefined, level: DecidingLevel): EffectiveStatus | null {
  const standing = leadingOf(optOuts);
  return optOuts && standing ? { status: 'UNSUBSCRIBED', level, standing, optOuts } : null;
}

function ownChoice(standing: Standing | undefined): EffectiveStatus {
  const level = 'SUBSCRIPTION_STATUS';
  return standing ? { status: 'SUBSCRIBED', level, standing } : { status: 'NOT_SPECIFIED', level };
}

/** The type's own status, ignoring opt-outs of all. */
export function ownStatus(state: Decided, typeId: number): SubscriptionStatus {
  if (state.optOuts.types[typeId]) return 'UNSUBSCRIBED';
  return state.subscriptions[typeId] ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
}

/** How a page shows a type: on means that mail of it may come (specification "Pages", 3). Transactional mail needs no opt-in. */
export function isShownOn(
  state: Decided,
  type: SubscriptionType,
  catalogue: Pick<Catalogue, 'isPrivacyMode'>,
): boolean {
  const { status } = effectiveStatus(state, type);
  if (status === 'NOT_SPECIFIED') return !catalogue.isPrivacyMode || !isCoveredByAll(type);
  return status === 'SUBSCRIBED';
}

/** Every party's opt-outs of all that cover a type. */
export function optOutsOfAll({ optOuts: { portal, units } }: Decided, type: Covered): OptOut[] {
  return isCoveredByAll(type) ? [...(portal ?? []), ...(units[type.unitId] ?? [])] : [];
}

/** Every party's opt-outs that are in effect for a type, from the widest level to its own. */
export function optOutsOver(state: Decided, type: Covered): OptOut[] {
  return [...optOutsOfAll(state, type), ...(state.optOuts.types[type.id] ?? [])];
}
