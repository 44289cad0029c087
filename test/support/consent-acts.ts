/** Random acts of consent for property tests: actor, wishes and reasons. */
import fc from 'fast-check';
import type { Actor, Circumstances, Wish } from '../../src/vocabulary/terms.js';
import { actors, given } from './judge.js';
import {
  fjell,
  guestSurvey,
  northwind,
  offers,
  orderNotices,
  trailNotes,
  weekendLetters,
  winterCatalogue,
} from './people.js';

/** One random act; `confirms` selects, when it runs, one of the confirmations requested until then. */
export interface Act {
  who: number;
  actor: Actor;
  wishes: Wish[];
  why: Circumstances;
  confirms: number | null;
  /** In place of the wishes. The contact undoes its last save; staff correct one of the machine-made opt-outs, which this selects when it runs. */
  undoes: number | null;
  /** Bulk staff only: minutes before the act at which it was decided. */
  decided: number | null;
  /** Minutes before the act at which the contact consented again, according to the API. */
  evidence: number | null;
  /** Contact only: a save of the page, which can be undone. */
  isSave: boolean;
}

const typeId = fc.constantFrom(
  ...[trailNotes, offers, weekendLetters, weekendLetters, orderNotices, guestSurvey, winterCatalogue].map(
    ({ id }) => id,
  ),
);
const unitId = fc.constantFrom(northwind.id, fjell.id, null);
export const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 6, arbitrary: typeId.map((id): Wish => ({ kind: 'OPT_IN', typeId: id })) },
  { weight: 4, arbitrary: typeId.map((id): Wish => ({ kind: 'OPT_OUT', typeId: id })) },
  { weight: 3, arbitrary: unitId.map((id): Wish => ({ kind: 'OPT_OUT_OF_ALL', unitId: id })) },
  { weight: 2, arbitrary: unitId.map((id): Wish => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId: id })) },
  { weight: 1, arbitrary: typeId.map((id): Wish => ({ kind: 'SET_NOT_SPECIFIED', typeId: id })) },
  {
    weight: 1,
    arbitrary: unitId.map((id): Wish => ({ kind: 'RECORD_COMMUNICATION', purpose: 'CALL', unitId: id ?? 0 })),
  },
  { weight: 1, arbitrary: typeId.map((id): Wish => ({ kind: 'SNOOZE', typeId: id, days: 30 })) },
  { weight: 1, arbitrary: fc.constant<Wish>({ kind: 'UNDO_IMPORT' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ kind: 'CLEAR_UNDELIVERABLE' }) },
);
const seldom: fc.Arbitrary<Wish> = fc.constantFrom<Wish[]>({ kind: 'REVOKE_LINKS' }, { kind: 'ERASE' });
export const actor = fc.constantFrom<Actor[]>(
  ...Object.values(actors),
  actors.freshContact,
  actors.freshContact,
  actors.freshContact,
  actors.oneClick,
  actors.apiV4,
  actors.apiV4,
  actors.bulkStaff,
  actors.importer,
  { ...actors.importer, source: 'source:1' },
  { ...actors.importer, source: 'source:1' },
  { ...actors.importer, source: 'source:1', repeats: true },
  { ...actors.staff, scope: [0] },
  { ...actors.staff, scope: [1] },
  { ...actors.apiV4, scope: [1] },
);
export const why = fc.constantFrom<Circumstances[]>(
  given,
  given,
  {},
  { legalBasis: given.legalBasis },
  { explanation: given.explanation },
  { ...given, isMachine: true },
  { isMachine: true },
);
/** The contact acts most often, and so do actors that may override it. */
export const act: fc.Arbitrary<Act> = fc.record({
  who: fc.nat(1),
  actor,
  wishes: fc.oneof(
    { weight: 30, arbitrary: fc.array(wish, { minLength: 1, maxLength: 5 }) },
    { weight: 1, arbitrary: seldom.map((one) => [one]) },
  ),
  why,
  confirms: fc.option(fc.nat(), { freq: 3 }),
  undoes: fc.option(fc.nat(), { freq: 2 }),
  decided: fc.option(fc.integer({ min: 0, max: 15 }), { freq: 3 }),
  evidence: fc.option(fc.integer({ min: -3, max: 15 }), { freq: 3 }),
  isSave: fc.boolean(),
});
