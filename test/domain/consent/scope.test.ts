/** What an actor limited to some business units may change: nothing outside them exists, in any state. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import type { Actor, ConsentState, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, judge, optedOut, ownState, yesterday } from '../../support/judge.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../support/people.js';

const limited: Actor[] = [actors.staff, actors.bulkStaff, actors.apiV4, actors.apiV3].map((actor) => ({
  ...actor,
  scope: [northwind.id],
}));
const machine = { at: yesterday, by: 'ONE_CLICK', seq: 1, isMachine: true } as const;

const states: Record<string, ConsentState> = {
  'nothing is decided': emptyState(),
  'the type is subscribed': { ...emptyState(), ...ownState(weekendLetters, 'SUBSCRIBED') },
  'the contact opted out of the type': optedOut('CONTACT', 'OWN', weekendLetters),
  'staff opted out of the unit': optedOut('STAFF', 'BRAND', weekendLetters),
  'a machine opted out of the type': {
    ...emptyState(),
    ...ownState(weekendLetters, 'UNSUBSCRIBED', machine),
  },
  'staff opted out of everything': optedOut('STAFF', 'PORTAL'),
  'the contact opted out of everything': optedOut('CONTACT', 'PORTAL'),
};

const ofOtherUnit: Wish[] = [
  { kind: 'OPT_IN', typeId: weekendLetters.id },
  { kind: 'OPT_OUT', typeId: weekendLetters.id },
  { kind: 'SET_NOT_SPECIFIED', typeId: weekendLetters.id },
];
const ofUnitOrAccount: Wish[] = [fjell.id, null].flatMap((unitId): Wish[] => [
  { kind: 'OPT_OUT_OF_ALL', unitId },
  { kind: 'LIFT_OPT_OUT_OF_ALL', unitId },
  { kind: 'UNDO_MACHINE_OPT_OUT', of: { unitId, typeId: null, seq: 1 } },
]);
const ofAccount: Wish[] = [{ kind: 'REVOKE_LINKS' }, { kind: 'ERASE' }];

describe.each(Object.entries(states))('an actor limited to some units, where %s', (_, state) => {
  it.each(limited)('gives a limited $kind the answers of a type that does not exist', (actor) => {
    const answer = (wish: Wish) => judge({ state, actor, wish, why: given }).answer;
    expect(ofOtherUnit.map(answer)).toEqual(ofOtherUnit.map(() => 'UNKNOWN_TYPE'));
    const unknown = ofOtherUnit.map((wish) => ({ ...wish, typeId: 999 }) as Wish);
    expect(unknown.map(answer)).toEqual(ofOtherUnit.map(() => 'UNKNOWN_TYPE'));
  });

  it.each(limited)('lets a limited $kind change nothing of another unit or of the account', (actor) => {
    const wishes = [...ofUnitOrAccount, ...ofAccount];
    const answers = wishes.map((wish) => judge({ state, actor, wish, why: given }).answer);
    expect(answers).toEqual(wishes.map(() => 'NOT_ALLOWED'));
    // The type decides the unit, whatever the wish says.
    for (const unitId of [northwind.id, null]) {
      const of = { unitId, typeId: weekendLetters.id, seq: 1 };
      const wish: Wish = { kind: 'UNDO_MACHINE_OPT_OUT', of };
      expect(judge({ state, actor, wish, why: given }).answer).toBe('NOT_ALLOWED');
    }
  });
});

it('a limited actor gets the same answers within its units as an unlimited one', () => {
  const wishes: Wish[] = [
    { kind: 'OPT_IN', typeId: trailNotes.id },
    { kind: 'OPT_OUT', typeId: trailNotes.id },
    { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id },
    { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
    { kind: 'LIFT_OPT_OUT_OF_ALL', unitId: northwind.id },
  ];
  for (const state of [emptyState(), optedOut('STAFF', 'OWN'), optedOut('STAFF', 'BRAND')])
    for (const actor of [actors.staff, actors.bulkStaff, actors.apiV4])
      for (const wish of wishes) {
        const ask = { state, wish, why: given };
        const { answer } = judge({ ...ask, actor: { ...actor, scope: [northwind.id] } });
        expect(answer).toBe(judge({ ...ask, actor }).answer);
      }
});

it('limited staff cannot opt in under an opt-out of the whole account, which would change all units', () => {
  const ask = {
    state: optedOut('STAFF', 'PORTAL'),
    wish: { kind: 'OPT_IN', typeId: trailNotes.id },
    why: given,
  } as const;
  expect(judge({ ...ask, actor: actors.staff }).answer).toBe('CHANGED');
  expect(judge({ ...ask, actor: { ...actors.staff, scope: [northwind.id] } }).answer).toBe('NOT_ALLOWED');
});
