/** Evidence of a consent later than the contact's opt-out: what an API request may do with it. */
import { describe, expect, it } from 'vitest';
import { repeatMs } from '../../../src/domain/consent/opt-out-sets.js';
import type { Actor, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, judge, now, optedOut, story, worldWith, yesterday } from '../../support/judge.js';
import { trailNotes } from '../../support/people.js';

describe('an API v4 request with evidence of a later consent', () => {
  const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
  const withEvidence = (laterConsentAt: Date): Actor => ({ ...actors.apiV4, laterConsentAt });
  const hour = 3_600_000;

  it.each(['CONTACT', 'ONE_CLICK'] as const)('opts in after an opt-out by %s', (who) => {
    const actor = withEvidence(new Date(yesterday.getTime() + hour));
    expect(judge({ state: optedOut(who, 'OWN'), actor, wish: optIn, why: given }).answer).toBe('CHANGED');
  });

  it('needs basis and explanation in either privacy mode', () => {
    const actor = withEvidence(new Date(yesterday.getTime() + hour));
    const { legalBasis, explanation } = given;
    for (const isPrivacyMode of [false, true]) {
      const ask = {
        state: optedOut('CONTACT', 'OWN'),
        actor,
        wish: optIn,
        catalogue: worldWith({ isPrivacyMode }),
      };
      expect(judge({ ...ask, why: { explanation } }).answer).toBe('LEGAL_BASIS_REQUIRED');
      expect(judge({ ...ask, why: { legalBasis } }).answer).toBe('EXPLANATION_REQUIRED');
    }
  });

  it.each([
    ['before the opt-out', new Date(yesterday.getTime() - hour)],
    ['at the very moment of the opt-out', yesterday],
    ['in the future', new Date(now.getTime() + hour)],
  ])('is refused where the consent was given %s', (_, at) => {
    const ask = { state: optedOut('CONTACT', 'OWN'), actor: withEvidence(at), wish: optIn, why: given };
    expect(judge(ask).answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('is refused where the contact repeated the opt-out after that consent', () => {
    const day = 24 * hour;
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    for (const again of [actors.freshContact, actors.oneClick]) {
      const state = story(
        { actor: actors.freshContact, wish, at: new Date(yesterday.getTime() - day) },
        { actor: again, wish, at: yesterday },
      );
      const between = withEvidence(new Date(yesterday.getTime() - hour));
      expect(judge({ state, actor: between, wish: optIn, why: given }).answer).toBe('PREVIOUSLY_OPTED_OUT');
      const after = withEvidence(new Date(yesterday.getTime() + hour));
      expect(judge({ state, actor: after, wish: optIn, why: given }).answer).toBe('CHANGED');
    }
  });

  it('is refused within the minutes in which a repeated opt-out is not recorded', () => {
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    const first = story({ actor: actors.freshContact, wish, at: yesterday });
    const again = new Date(yesterday.getTime() + repeatMs - 1);
    const repeated = judge({ state: first, actor: actors.oneClick, wish, at: again });
    expect(repeated.answer).toBe('NO_CHANGE');
    for (const at of [yesterday.getTime() + 1, again.getTime(), yesterday.getTime() + repeatMs])
      expect(
        judge({ state: repeated.state, actor: withEvidence(new Date(at)), wish: optIn, why: given }).answer,
      ).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('never lifts an opt-out of all', () => {
    for (const level of ['BRAND', 'PORTAL'] as const) {
      const actor = withEvidence(new Date(yesterday.getTime() + hour));
      expect(judge({ state: optedOut('CONTACT', level), actor, wish: optIn, why: given }).answer).toBe(
        'PREVIOUSLY_OPTED_OUT',
      );
    }
  });
});
