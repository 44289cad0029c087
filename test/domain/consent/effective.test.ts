/** Effective status: portal-wide, else brand-wide, else the type's own, else nothing; and the level that decided. */
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

  it.each(statuses)('is that of a portal-wide opt-out, whatever else stands (own: %s)', (status) => {
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

  it.each(statuses)('else that of a brand-wide one (own: %s)', (status) => {
    const state = stateOf({ brand: true, ...(status ? { own: status } : {}) });
    expect(effectiveStatus(state, trailNotes)).toMatchObject({
      status: 'UNSUBSCRIBED',
      level: 'BRAND_WIDE_STATUS',
      standing: brand,
    });
    expect(effectiveStatus(state, { ...trailNotes, unitId: 1 }).level).toBe('SUBSCRIPTION_STATUS');
  });

  it.each(['SUBSCRIBED', 'UNSUBSCRIBED'] as const)('else the type’s own: %s', (status) => {
    expect(effectiveStatus(stateOf({ own: status }), trailNotes)).toMatchObject({
      status,
      level: 'SUBSCRIPTION_STATUS',
      standing: by('CONTACT'),
    });
  });

  it('is that of the type’s opt-outs, although it has a subscription', () => {
    const { subscriptions } = stateOf({ own: 'SUBSCRIBED' });
    const state = { ...stateOf({ own: 'UNSUBSCRIBED' }), subscriptions };
    expect(effectiveStatus(state, trailNotes).status).toBe('UNSUBSCRIBED');
  });

  it('else NOT_SPECIFIED, without a party', () => {
    expect(effectiveStatus(emptyState(), trailNotes)).toEqual({
      status: 'NOT_SPECIFIED',
      level: 'SUBSCRIPTION_STATUS',
    });
  });
});

describe('a page', () => {
  it('shows NOT_SPECIFIED as what it means: not subscribed in privacy mode, otherwise receiving', () => {
    expect(isShownOn(emptyState(), trailNotes, { isPrivacyMode: true })).toBe(false);
    expect(isShownOn(emptyState(), trailNotes, { isPrivacyMode: false })).toBe(true);
  });

  it.each([true, false])(
    'shows a choice that was made as it was made (privacy mode: %s)',
    (isPrivacyMode) => {
      expect(isShownOn(stateOf({ own: 'SUBSCRIBED' }), trailNotes, { isPrivacyMode })).toBe(true);
      expect(isShownOn(stateOf({ own: 'UNSUBSCRIBED' }), trailNotes, { isPrivacyMode })).toBe(false);
      expect(isShownOn(stateOf({ own: 'SUBSCRIBED', brand: true }), trailNotes, { isPrivacyMode })).toBe(
        false,
      );
    },
  );
});

it('names every opt-out that covers a type, from the widest on', () => {
  const all = stateOf({ portal: true, brand: true, own: 'UNSUBSCRIBED' });
  expect(optOutsOver(all, trailNotes).map(({ by: kind }) => kind)).toEqual(['ONE_CLICK', 'STAFF', 'CONTACT']);
  expect(optOutsOver(stateOf({ own: 'SUBSCRIBED' }), trailNotes)).toEqual([]);
});
