/** What staff may do besides opting in and out: bulk work overtaken by later opt-outs, and one call on a one-time basis. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import type { Actor, ActorKind, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, judge, optedOut, yesterday } from '../../support/judge.js';
import { northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';
import { lift } from '../../support/wishes.js';

const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
const setBack: Wish = { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id };
const hour = 3_600_000;

describe('bulk work decided before an opt-out', () => {
  const bulk = (decidedAt: Date): Actor => ({ ...actors.bulkStaff, decidedAt });
  const before = new Date(yesterday.getTime() - hour);
  const after = new Date(yesterday.getTime() + hour);
  const others: ActorKind[] = ['CONTACT', 'ONE_CLICK', 'STAFF', 'IMPORT', 'WORKFLOW', 'API'];

  it.each(others)('does not opt in over a later opt-out by %s, at any level', (who) => {
    for (const level of ['OWN', 'BRAND', 'PORTAL'] as const) {
      const ask = { state: optedOut(who, level), wish: optIn, why: given };
      expect(judge({ ...ask, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
      // When the opt-out was known, the table alone decides.
      expect(judge({ ...ask, actor: bulk(after) }).answer).toBe(
        judge({ ...ask, actor: actors.bulkStaff }).answer,
      );
    }
  });

  it('neither lifts nor resets a later opt-out by staff', () => {
    const brand = { state: optedOut('STAFF', 'BRAND'), wish: lift(northwind.id) };
    expect(judge({ ...brand, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
    expect(judge({ ...brand, actor: bulk(after) }).answer).toBe('CHANGED');
    const own = { state: optedOut('STAFF', 'OWN'), wish: setBack };
    expect(judge({ ...own, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
    expect(judge({ ...own, actor: bulk(after) }).answer).toBe('CHANGED');
  });

  it('opts in under staff’s opt-out of all only when the same act removes that opt-out', () => {
    for (const unitId of [northwind.id, null]) {
      const found = optedOut('STAFF', unitId === null ? 'PORTAL' : 'BRAND');
      const ask = { actor: bulk(after), why: given, context: { before: found } };
      expect(judge({ ...ask, state: found, wish: optIn }).answer).toBe('OPTED_OUT_OF_ALL');
      const lifted = judge({ ...ask, state: found, wish: lift(unitId) });
      expect(judge({ ...ask, state: lifted.state, wish: optIn }).answer).toBe('CHANGED');
    }
  });

  it('continues where there is no opt-out, and opts out regardless of what came between', () => {
    expect(judge({ actor: bulk(before), wish: optIn, why: given }).answer).toBe('CHANGED');
    const optOut: Wish = { kind: 'OPT_OUT', typeId: offers.id };
    expect(judge({ state: optedOut('CONTACT', 'OWN'), actor: bulk(before), wish: optOut }).answer).toBe(
      'CHANGED',
    );
  });
});

describe('a call or a one-to-one mail to a contact who opted out of all', () => {
  const call = { kind: 'RECORD_COMMUNICATION', purpose: 'CALL', unitId: northwind.id } as const;

  it.each(['BRAND', 'PORTAL'] as const)(
    'is recorded with basis and explanation, and changes no status (%s)',
    (level) => {
      const before = optedOut('CONTACT', level);
      const { legalBasis, explanation } = given;
      for (const actor of [actors.staff, actors.bulkStaff]) {
        const ask = { state: before, actor, wish: call };
        expect(judge({ ...ask, why: { explanation } }).answer).toBe('LEGAL_BASIS_REQUIRED');
        expect(judge({ ...ask, why: { legalBasis, explanation: ' ' } }).answer).toBe('EXPLANATION_REQUIRED');
        const { answer, state, verdict } = judge({ ...ask, why: given });
        expect(answer).toBe('CHANGED');
        expect(state).toEqual(before);
        expect(verdict).toEqual({
          kind: 'CHANGE',
          changes: [{ op: 'ONE_TIME_BASIS', unitId: northwind.id, typeId: null, purpose: 'CALL' }],
        });
      }
    },
  );

  it('needs no basis and leaves no event where the unit has no opt-out of all', () => {
    for (const state of [
      emptyState(),
      optedOut('CONTACT', 'OWN'),
      optedOut('CONTACT', 'BRAND', weekendLetters),
    ])
      expect(judge({ state, actor: actors.staff, wish: call }).answer).toBe('NO_CHANGE');
  });

  it('is for staff only, and only for a contact who can be reached', () => {
    const state = optedOut('CONTACT', 'PORTAL');
    for (const actor of Object.values(actors).filter(({ kind }) => kind !== 'STAFF'))
      expect(judge({ state, actor, wish: call, why: given }).answer).toBe('NOT_ALLOWED');
    const gone = { ...state, erasedAt: yesterday };
    expect(
      judge({ state: gone, actor: actors.staff, wish: call, why: given, context: { hasAddress: false } })
        .answer,
    ).toBe('ERASED');
  });
});
