/** Effective status: what a subscriber's statuses and opt-outs come to for one type, and the level that decided. */
import type { Catalogue, ConsentState, Standing, SubscriptionStatus, SubscriptionType } from './terms.js';

export type DecidingLevel = 'PORTAL_WIDE_STATUS' | 'BRAND_WIDE_STATUS' | 'SUBSCRIPTION_STATUS';

export interface EffectiveStatus {
  status: SubscriptionStatus;
  level: DecidingLevel;
  /** By whom, when and why; absent where nothing was ever specified. */
  standing?: Standing;
}

/**
 * Portal-wide opt-out, else brand-wide opt-out, else the type's own status, else `NOT_SPECIFIED`
 * (specification "Effective status"). A type added later is covered by an opt-out of all that stands.
 */
export function effectiveStatus(
  state: Pick<ConsentState, 'statuses' | 'optOuts'>,
  type: Pick<SubscriptionType, 'id' | 'unitId'>,
): EffectiveStatus {
  const { portal, units } = state.optOuts;
  if (portal) return { status: 'UNSUBSCRIBED', level: 'PORTAL_WIDE_STATUS', standing: portal };
  const unit = units[type.unitId];
  if (unit) return { status: 'UNSUBSCRIBED', level: 'BRAND_WIDE_STATUS', standing: unit };
  const own = state.statuses[type.id];
  if (!own) return { status: 'NOT_SPECIFIED', level: 'SUBSCRIPTION_STATUS' };
  return { status: own.status, level: 'SUBSCRIPTION_STATUS', standing: own };
}

/** How a page shows a type: on means that mail of it may come (specification "Pages", 3). */
export function isShownOn(
  state: Pick<ConsentState, 'statuses' | 'optOuts'>,
  type: SubscriptionType,
  catalogue: Pick<Catalogue, 'isPrivacyMode'>,
): boolean {
  const { status } = effectiveStatus(state, type);
  return status === 'SUBSCRIBED' || (status === 'NOT_SPECIFIED' && !catalogue.isPrivacyMode);
}

/** Every opt-out that stands over or on a type, from the widest level to its own. */
export function standingOptOuts(
  state: Pick<ConsentState, 'statuses' | 'optOuts'>,
  type: Pick<SubscriptionType, 'id' | 'unitId'>,
): Standing[] {
  const own = state.statuses[type.id];
  return [
    state.optOuts.portal,
    state.optOuts.units[type.unitId] ?? null,
    own?.status === 'UNSUBSCRIBED' ? own : null,
  ].filter((standing) => standing !== null);
}
