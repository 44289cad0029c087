/** "May we send?": each sentence of the specification, and the rule that each answer names. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import { decideEligibility } from '../../../src/domain/consent/eligibility.js';
import type { Purpose } from '../../../src/domain/consent/eligibility.js';
import type { ConsentState, SubscriptionStatus, SubscriptionType } from '../../../src/vocabulary/terms.js';
import { actors, by, given, judge, now, optedOut, story, yesterday, ownState } from '../../support/judge.js';
import { trailNotes, winterCatalogue } from '../../support/people.js';

interface Question {
  purpose?: Purpose;
  isPrivacyMode?: boolean;
  isMarketingContact?: boolean;
  oneTimeBasis?: typeof given;
  type?: SubscriptionType;
  at?: Date;
}

function ask(state: ConsentState | null, question: Question = {}) {
  const { purpose = 'MARKETING', isPrivacyMode = false, type = trailNotes, at = now, ...more } = question;
  return decideEligibility(state, type, { purpose, now: at, ...more }, { isPrivacyMode });
}

const own = (status: SubscriptionStatus): ConsentState => ({
  ...emptyState(),
  ...ownState(trailNotes, status, { ...by('API'), legalBasis: 'PERFORMANCE_OF_CONTRACT' }),
});
const bounced = (reason: 'HARD_BOUNCE' | 'COMPLAINT') =>
  story({ actor: actors.system, wish: { kind: 'MARK_UNDELIVERABLE', reason } });

describe('a marketing mail', () => {
  it.each(['HARD_BOUNCE', 'COMPLAINT'] as const)('never goes to an address that had a %s', (reason) => {
    const state = { ...bounced(reason), subscriptions: own('SUBSCRIBED').subscriptions };
    expect(ask(state)).toEqual({ isEligible: false, rule: reason, at: now, source: 'SYSTEM' });
  });

  it.each([
    ['OWN', 'SUBSCRIPTION_STATUS'],
    ['BRAND', 'BRAND_WIDE_STATUS'],
    ['PORTAL', 'PORTAL_WIDE_STATUS'],
  ] as const)('never goes to anyone who opted out: %s', (level, rule) => {
    expect(ask(optedOut('ONE_CLICK', level))).toEqual({
      isEligible: false,
      rule,
      at: yesterday,
      source: 'ONE_CLICK',
    });
  });

  it('is not sent during a snooze and resumes after it', () => {
    const wish = { kind: 'SNOOZE', typeId: trailNotes.id, days: 30 } as const;
    const { state } = judge({ state: own('SUBSCRIBED'), actor: actors.freshContact, wish });
    const until = new Date(now.getTime() + 30 * 86_400_000);
    expect(ask(state)).toEqual({ isEligible: false, rule: 'SNOOZED', at: now, until });
    expect(ask(state, { at: until })).toMatchObject({ isEligible: true, rule: 'SUBSCRIPTION_STATUS' });
    expect(ask(state, { purpose: 'ONE_TO_ONE' }).isEligible).toBe(true);
  });

  it('is not sent to a contact known not to be a marketing contact', () => {
    expect(ask(own('SUBSCRIBED'), { isMarketingContact: false })).toEqual({
      isEligible: false,
      rule: 'NOT_A_MARKETING_CONTACT',
    });
    expect(ask(own('SUBSCRIBED'), { isMarketingContact: true }).isEligible).toBe(true);
  });

  it('is sent only to subscribers in privacy mode, and otherwise also to contacts without a choice', () => {
    for (const state of [null, emptyState(), own('NOT_SPECIFIED')]) {
      expect(ask(state, { isPrivacyMode: true })).toMatchObject({
        isEligible: false,
        rule: 'NOT_SUBSCRIBED_IN_PRIVACY_MODE',
      });
      expect(ask(state)).toMatchObject({ isEligible: true, rule: 'NOT_SPECIFIED' });
    }
    expect(ask(own('SUBSCRIBED'), { isPrivacyMode: true })).toEqual({
      isEligible: true,
      rule: 'SUBSCRIPTION_STATUS',
      at: yesterday,
      source: 'API',
      legalBasis: 'PERFORMANCE_OF_CONTRACT',
    });
  });

  it('of an archived type is never sent', () => {
    expect(ask(null, { type: winterCatalogue })).toEqual({ isEligible: false, rule: 'TYPE_ARCHIVED' });
  });

  it('is not allowed by the legal basis of one communication', () => {
    expect(ask(optedOut('STAFF', 'BRAND'), { oneTimeBasis: given }).isEligible).toBe(false);
  });
});

describe.each(['ONE_TO_ONE', 'CALL'] as const)('a communication of purpose %s', (purpose) => {
  it.each(['BRAND', 'PORTAL'] as const)(
    'needs a one-time basis for a contact who opted out of all: %s',
    (level) => {
      const state = optedOut('CONTACT', level);
      expect(ask(state, { purpose })).toEqual({
        isEligible: false,
        rule: 'LEGAL_BASIS_REQUIRED',
        at: yesterday,
        source: 'CONTACT',
      });
      expect(ask(state, { purpose, oneTimeBasis: given })).toEqual({
        isEligible: true,
        rule: 'ONE_TIME_LEGAL_BASIS',
        legalBasis: given.legalBasis,
      });
    },
  );

  it('needs no basis for anyone else, in either privacy mode', () => {
    for (const isPrivacyMode of [true, false])
      for (const state of [null, emptyState(), optedOut('CONTACT', 'OWN')])
        expect(ask(state, { purpose, isPrivacyMode }).isEligible).toBe(true);
  });

  it(`${purpose === 'CALL' ? 'may' : 'may not'} go to an address that bounced`, () => {
    expect(ask(bounced('HARD_BOUNCE'), { purpose }).isEligible).toBe(purpose === 'CALL');
  });
});

it('a basis without an explanation does not count', () => {
  const oneTimeBasis = { legalBasis: given.legalBasis, explanation: ' ' } as unknown as typeof given;
  expect(ask(optedOut('CONTACT', 'PORTAL'), { purpose: 'CALL', oneTimeBasis }).rule).toBe(
    'LEGAL_BASIS_REQUIRED',
  );
});
