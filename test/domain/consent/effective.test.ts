/** Effective status: portal-wide, else brand-wide, else the type's own, else not specified; and the level that decided. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import { effectiveStatus, isShownOn, optOutsOver } from '../../../src/domain/consent/effective.js';
import type { ConsentState, SubscriptionStatus } from '../../../src/vocabulary/terms.js';
import { by, ownState, setBy } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';

const portal = by('ONE_CLICK');
const brand = by('STAFF');

function stateOf(levels: { portal?: boolean; brand?: boolean; own?: SubscriptionStatus }): ConsentState {
  const { subscriptions, optOuts } = ownState(trailNotes, levels.own ?? 'NOT_SPECIFIED');
  return {
    ...emptyState(),
    subscriptions,
    optOuts: {
      ...optOuts,
      portal: levels.portal ? setBy(portal) : null,
      units: levels.brand ? { [northwind.id]: setBy(brand) } : {},
    },
  };
}

describe('the effective status', () => {
  const statuses: (SubscriptionStatus | undefined)[] = [
    'SUBSCRIBED',
    'UNSUBSCRIBED',
    'NOT_SPECIFIED',
    undefined,
  ];

  it.each(statuses)('comes from a portal-wide opt-out first (own: %s)', (status) => {
    for (const isBrandWide of [true, false]) {
      const state = stateOf({ portal: true, brand: isBrandWide, ...(status ? { own: status } : {}) });
      expect(effectiveStatus(state, trailNotes)).toMatchObject({
        status: 'UNSUBSCRIBED',
        level: 'PORTAL_WIDE_STATUS',
        standing: portal,
        optOuts: [portal],
      });
    }
  });

  it.each(statuses)('comes from a brand-wide opt-out next (own: %s)', (status) => {
    const state = stateOf({ brand: true, ...(status ? { own: status } : {}) });
    expect(effectiveStatus(state, trailNotes)).toMatchObject({
      status: 'UNSUBSCRIBED',
      level: 'BRAND_WIDE_STATUS',
      standing: brand,
    });
    expect(effectiveStatus(state, { ...trailNotes, unitId: 1 }).level).toBe('SUBSCRIPTION_STATUS');
  });

  it.each(['SUBSCRIBED', 'UNSUBSCRIBED'] as const)('is otherwise the type’s own: %s', (status) => {
    expect(effectiveStatus(stateOf({ own: status }), trailNotes)).toMatchObject({
      status,
      level: 'SUBSCRIPTION_STATUS',
      standing: by('CONTACT'),
    });
  });

  it('comes from the type’s opt-outs, although it also has a subscription', () => {
    const { subscriptions } = stateOf({ own: 'SUBSCRIBED' });
    const state = { ...stateOf({ own: 'UNSUBSCRIBED' }), subscriptions };
    expect(effectiveStatus(state, trailNotes).status).toBe('UNSUBSCRIBED');
  });

  it('is NOT_SPECIFIED without a party where nothing was decided', () => {
    expect(effectiveStatus(emptyState(), trailNotes)).toEqual({
      status: 'NOT_SPECIFIED',
      level: 'SUBSCRIPTION_STATUS',
    });
  });
});

describe('what a page shows', () => {
  it('is "not subscribed" for NOT_SPECIFIED in privacy mode, and otherwise "receiving"', () => {
    expect(isShownOn(emptyState(), trailNotes, { isPrivacyMode: true })).toBe(false);
    expect(isShownOn(emptyState(), trailNotes, { isPrivacyMode: false })).toBe(true);
  });

  it.each([true, false])(
    'is the contact’s own choice where one was made (privacy mode: %s)',
    (isPrivacyMode) => {
      expect(isShownOn(stateOf({ own: 'SUBSCRIBED' }), trailNotes, { isPrivacyMode })).toBe(true);
      expect(isShownOn(stateOf({ own: 'UNSUBSCRIBED' }), trailNotes, { isPrivacyMode })).toBe(false);
      expect(isShownOn(stateOf({ own: 'SUBSCRIBED', brand: true }), trailNotes, { isPrivacyMode })).toBe(
        false,
      );
    },
  );
});

it('names every opt-out that covers a type, widest first', () => {
  const all = stateOf({ portal: true, brand: true, own: 'UNSUBSCRIBED' });
  expect(optOutsOver(all, trailNotes).map(({ by: kind }) => kind)).toEqual(['ONE_CLICK', 'STAFF', 'CONTACT']);
  expect(optOutsOver(stateOf({ own: 'SUBSCRIBED' }), trailNotes)).toEqual([]);
});
