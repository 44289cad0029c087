/** "May we send?": one question, one answer with the rule that decided. */
import { effectiveStatus, optOutsOfAll } from './effective.js';
import { leadingOf } from './opt-out-sets.js';
import {
  typePurposes,
  type ActorKind,
  type Catalogue,
  type ConsentState,
  type LegalBasis,
  type PersonalPurpose,
  type SubscriptionType,
  type TypePurpose,
} from '../../vocabulary/terms.js';

/** What a communication is for. */
export const purposes = [...typePurposes, 'ONE_TO_ONE', 'CALL'] as const satisfies readonly (
  | TypePurpose
  | PersonalPurpose
)[];
export type Purpose = (typeof purposes)[number];

export const eligibilityRules = [
  'HARD_BOUNCE',
  'COMPLAINT',
  'PORTAL_WIDE_STATUS',
  'BRAND_WIDE_STATUS',
  'SUBSCRIPTION_STATUS',
  'SNOOZED',
  'TYPE_ARCHIVED',
  'NOT_A_MARKETING_CONTACT',
  'NOT_SUBSCRIBED_IN_PRIVACY_MODE',
  'LEGAL_BASIS_REQUIRED',
  'ONE_TIME_LEGAL_BASIS',
  'TRANSACTIONAL',
  'NOT_SPECIFIED',
] as const;
export type EligibilityRule = (typeof eligibilityRules)[number];

export interface Eligibility {
  isEligible: boolean;
  rule: EligibilityRule;
  source?: ActorKind;
  legalBasis?: LegalBasis;
  at?: Date;
  /** The time at which a snooze ends. */
  until?: Date;
}

/**
 * Decides whether one mail, message or call may go (specification "May we send?").
 * @param state null for an unknown address
 */
export function decideEligibility(
  state: ConsentState | null,
  type: SubscriptionType,
  question: {
    purpose: Purpose;
    now: Date;
    isMarketingContact?: boolean;
    oneTimeBasis?: { legalBasis: LegalBasis; explanation: string };
  },
  catalogue: Pick<Catalogue, 'isPrivacyMode'>,
): Eligibility {
  if (state?.undeliverable && question.purpose !== 'CALL') {
    const { reason, at, by } = state.undeliverable;
    return { isEligible: false, rule: reason, at, source: by };
  }
  switch (question.purpose) {
    case 'TRANSACTIONAL':
      return { isEligible: true, rule: 'TRANSACTIONAL' };
    case 'MARKETING':
      return marketing(state, type, question, catalogue);
    case 'ONE_TO_ONE':
    case 'CALL':
      return personal(state, type, question.oneTimeBasis);
  }
}

function marketing(
  state: ConsentState | null,
  type: SubscriptionType,
  question: { now: Date; isMarketingContact?: boolean },
  catalogue: Pick<Catalogue, 'isPrivacyMode'>,
): Eligibility {
  if (!type.isActive) return { isEligible: false, rule: 'TYPE_ARCHIVED' };
  const { status, level, standing } = state
    ? effectiveStatus(state, type)
    : { status: 'NOT_SPECIFIED' as const, level: 'SUBSCRIPTION_STATUS' as const, standing: undefined };
  const why = standing
    ? {
        at: standing.at,
        source: standing.by,
        ...(standing.legalBasis ? { legalBasis: standing.legalBasis } : {}),
      }
    : {};
  if (status === 'UNSUBSCRIBED') return { isEligible: false, rule: level, ...why };
  const snooze = state?.snoozes[type.id];
  if (snooze && snooze.until > question.now)
    return { isEligible: false, rule: 'SNOOZED', at: snooze.at, until: snooze.until };
  if (question.isMarketingContact === false) return { isEligible: false, rule: 'NOT_A_MARKETING_CONTACT' };
  if (status === 'SUBSCRIBED') return { isEligible: true, rule: 'SUBSCRIPTION_STATUS', ...why };
  if (catalogue.isPrivacyMode) return { isEligible: false, rule: 'NOT_SUBSCRIBED_IN_PRIVACY_MODE' };
  return { isEligible: true, rule: 'NOT_SPECIFIED' };
}

/** Only an opt-out of all stops a one-to-one mail or a call, which then needs a basis for this one communication. */
function personal(
  state: ConsentState | null,
  type: SubscriptionType,
  oneTimeBasis: { legalBasis: LegalBasis; explanation: string } | undefined,
): Eligibility {
  const wide = leadingOf(state && optOutsOfAll(state, type));
  if (!wide) return { isEligible: true, rule: 'NOT_SPECIFIED' };
  if (oneTimeBasis?.explanation.trim())
    return { isEligible: true, rule: 'ONE_TIME_LEGAL_BASIS', legalBasis: oneTimeBasis.legalBasis };
  return { isEligible: false, rule: 'LEGAL_BASIS_REQUIRED', at: wide.at, source: wide.by };
}
