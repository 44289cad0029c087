/** Transactional types: an opt-out of all never covers them, and pages promise only existing ones. */
import { describe, expect, it } from 'vitest';
import { effectiveStatus, isShownOn, optOutsOver } from '../../../src/domain/consent/effective.js';
import { decideEligibility, purposes } from '../../../src/domain/consent/eligibility.js';
import type { SubscriptionType, Wish } from '../../../src/vocabulary/terms.js';
import { stillArrives, whatEnded } from '../../../src/domain/wordings/still-arrives.js';
import { locales } from '../../../src/vocabulary/locales.js';
import { wordsFor } from '../../../src/views/words.js';
import { actors, given, judge, now, partiesOf, statusOf, story, worldWith } from '../../support/judge.js';
import { fjell, northwind, offers, orderNotices, trailNotes } from '../../support/people.js';

const catalogue = worldWith({ hasDoubleOptIn: false });
const receipts: SubscriptionType = { ...orderNotices, isInternal: false, name: 'Receipts' };
const stops: Wish[] = [
  { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
  { kind: 'OPT_OUT_OF_ALL', unitId: null },
];

describe.each(stops)('under an opt-out of all (%o)', (wish) => {
  const state = story({ actor: actors.freshContact, wish });

  it('keeps the own status of a transactional type', () => {
    expect(effectiveStatus(state, receipts)).toMatchObject({
      status: 'NOT_SPECIFIED',
      level: 'SUBSCRIPTION_STATUS',
    });
    expect(effectiveStatus(state, trailNotes).status).toBe('UNSUBSCRIBED');
    expect(optOutsOver(state, receipts)).toEqual([]);
    for (const isPrivacyMode of [true, false])
      expect(isShownOn(state, receipts, { isPrivacyMode })).toBe(true);
  });

  it.each(purposes)('allows a transactional type to be sent for the purpose %s', (purpose) => {
    expect(decideEligibility(state, receipts, { purpose, now }, { isPrivacyMode: false }).isEligible).toBe(
      true,
    );
  });

  it('keeps transactional types when the contact opts in to a marketing type', () => {
    const optIn = { kind: 'OPT_IN', typeId: trailNotes.id } as const;
    const after = judge({ state, actor: actors.freshContact, wish: optIn, catalogue }).state;
    expect(partiesOf(after.optOuts.types[offers.id])).toEqual(['CONTACT']);
    expect(after.optOuts.types[orderNotices.id]).toBeUndefined();
  });

  it('lifts nothing when the contact opts in to a transactional type', () => {
    const optIn = { kind: 'OPT_IN', typeId: orderNotices.id } as const;
    const ask = { state, wish: optIn, catalogue, context: { circumstances: given } };
    for (const actor of [actors.staff, actors.workflow]) {
      const after = judge({ ...ask, actor }).state;
      expect(after.subscriptions[orderNotices.id]).toBeDefined();
      expect(after.optOuts).toEqual(state.optOuts);
      expect(statusOf(after, trailNotes)).toBe('UNSUBSCRIBED');
    }
  });
});

it('only an address that cannot receive stops transactional mail', () => {
  const ask = (state: Parameters<typeof decideEligibility>[0], isPrivacyMode = true) =>
    decideEligibility(state, receipts, { purpose: 'TRANSACTIONAL', now }, { isPrivacyMode });
  expect(ask(null)).toEqual({ isEligible: true, rule: 'TRANSACTIONAL' });
  expect(ask(story({ actor: actors.freshContact, wish: { kind: 'OPT_OUT', typeId: receipts.id } }))).toEqual({
    isEligible: true,
    rule: 'TRANSACTIONAL',
  });
  const bounced = story({
    actor: actors.system,
    wish: { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' },
  });
  expect(ask(bounced)).toMatchObject({ isEligible: false, rule: 'HARD_BOUNCE' });
});

describe('what a page says still arrives', () => {
  const said = (types: SubscriptionType[], unitId: number | null, locale: (typeof locales)[number] = 'en') =>
    stillArrives({ orderedTypes: types }, { channel: 'EMAIL', unitId }, wordsFor(locale));

  it.each(locales)('names the transactional types of the unit, in %s', (locale) => {
    expect(said([trailNotes, receipts], northwind.id, locale)).toContain('Receipts');
  });

  it('promises nothing for a unit without transactional types', () => {
    expect(said([trailNotes], northwind.id)).toBe('');
    expect(said([receipts], fjell.id)).toBe('');
    expect(said([{ ...receipts, isActive: false }], null)).toBe('');
    expect(said([{ ...receipts, channel: 'SMS' }], null)).toBe('');
  });

  it('never names an internal type', () => {
    const sentence = said([{ ...receipts, isInternal: true }], null);
    expect(sentence).not.toBe('');
    expect(sentence).not.toContain('Receipts');
  });
});

it.each(locales)(
  'an opt-out of a transactional type is not announced as the end of its messages, in %s',
  (locale) => {
    const words = wordsFor(locale);
    const needed = words.copy['stillArrivesUnnamed'];
    expect(whatEnded([receipts], words).slice(1)).toEqual([needed]);
    expect(whatEnded([receipts], words)[0]).not.toBe(words.t('nowOff', { names: 'Receipts', count: 1 }));
    expect(whatEnded([trailNotes], words)).toHaveLength(1);
  },
);
