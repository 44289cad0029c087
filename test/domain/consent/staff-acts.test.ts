/** What staff may do besides opting in and out: bulk work that others overtake, machine-made opt-outs put right, and one call on a basis of its own. */
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState } from '../../../src/domain/consent/apply.js';
import {
  machineMadeOf,
  machineOptOutsOf,
  undoMachineOptOut,
} from '../../../src/domain/consent/machine-opt-outs.js';
import type { Actor, ActorKind, Change, ConsentState, Wish } from '../../../src/domain/consent/terms.js';
import {
  actors,
  by,
  given,
  judge,
  now,
  optedOut,
  statusOf,
  worldWith,
  yesterday,
} from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
const setBack: Wish = { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id };
const lift = (unitId: number | null): Wish => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId });
const hour = 3_600_000;
const single = worldWith({ hasDoubleOptIn: false });
const discreet = worldWith({ hasDoubleOptIn: false, isPrivacyMode: true });

describe('bulk work that was decided on before somebody opted out', () => {
  const bulk = (decidedAt: Date): Actor => ({ ...actors.bulkStaff, decidedAt });
  const before = new Date(yesterday.getTime() - hour);
  const after = new Date(yesterday.getTime() + hour);
  const others: ActorKind[] = ['CONTACT', 'ONE_CLICK', 'STAFF', 'IMPORT', 'WORKFLOW', 'API'];

  it.each(others)('does not opt in over a newer opt-out by %s, at whatever level', (who) => {
    for (const level of ['OWN', 'BRAND', 'PORTAL'] as const) {
      const ask = { state: optedOut(who, level), wish: optIn, why: given };
      expect(judge({ ...ask, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
      // Decided on with the opt-out in sight, the table alone speaks.
      expect(judge({ ...ask, actor: bulk(after) }).answer).toBe(
        judge({ ...ask, actor: actors.bulkStaff }).answer,
      );
    }
  });

  it('neither lifts nor sets back a newer one of staff', () => {
    const brand = { state: optedOut('STAFF', 'BRAND'), wish: lift(northwind.id) };
    expect(judge({ ...brand, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
    expect(judge({ ...brand, actor: bulk(after) }).answer).toBe('CHANGED');
    const own = { state: optedOut('STAFF', 'OWN'), wish: setBack };
    expect(judge({ ...own, actor: bulk(before) }).answer).toBe('PREVIOUSLY_OPTED_OUT');
    expect(judge({ ...own, actor: bulk(after) }).answer).toBe('CHANGED');
  });

  it('is not held up where nobody opted out, and opts out whatever came between', () => {
    expect(judge({ actor: bulk(before), wish: optIn, why: given }).answer).toBe('CHANGED');
    const optOut: Wish = { kind: 'OPT_OUT', typeId: offers.id };
    expect(judge({ state: optedOut('CONTACT', 'OWN'), actor: bulk(before), wish: optOut }).answer).toBe(
      'CHANGED',
    );
  });
});

/** A state in which a machine did this, as event 7, and the wish that puts it right. */
function madeByMachine(change: Change, state: ConsentState = emptyState()) {
  const standing = { at: yesterday, by: 'ONE_CLICK', seq: 7, isMachine: true } as const;
  return { state: applyChange(state, change, standing), wish: undoMachineOptOut({ seq: 7, change }) };
}
const typeOff = (from: 'SUBSCRIBED' | 'UNSUBSCRIBED' | 'NOT_SPECIFIED' = 'SUBSCRIBED'): Change => ({
  op: 'STATUS',
  unitId: northwind.id,
  typeId: trailNotes.id,
  from,
  to: 'UNSUBSCRIBED',
});
const allOff = (unitId: number | null, from = false): Change => ({
  op: 'OPT_OUT_OF_ALL',
  unitId,
  typeId: null,
  from,
  to: true,
});
const subscribed = (id: number, state = emptyState()): ConsentState => ({
  ...state,
  statuses: { ...state.statuses, [id]: { ...by('CONTACT'), status: 'SUBSCRIBED' } },
});

describe('putting a machine-made opt-out right', () => {
  it.each([actors.staff, actors.bulkStaff])(
    'gives back the status that stood before (isBulk: $isBulk)',
    (actor) => {
      for (const from of ['SUBSCRIBED', 'NOT_SPECIFIED'] as const) {
        const { answer, state } = judge({
          ...madeByMachine(typeOff(from)),
          actor,
          why: given,
          catalogue: discreet,
        });
        expect(answer).toBe('CHANGED');
        expect(statusOf(state)).toBe(from);
      }
    },
  );

  it('lifts an opt-out of all, and leaves the types as they are', () => {
    for (const unitId of [northwind.id, null]) {
      const before = subscribed(trailNotes.id, optedOut('CONTACT', 'OWN', offers));
      const { state } = judge({ ...madeByMachine(allOff(unitId), before), actor: actors.staff, why: given });
      expect(statusOf(state, trailNotes)).toBe('SUBSCRIBED');
      expect(statusOf(state, offers)).toBe('UNSUBSCRIBED');
      expect(statusOf(state, weekendLetters)).toBe('NOT_SPECIFIED');
    }
  });

  it('leaves the no of somebody of less say that stood before, as one of staff', () => {
    const type = judge({
      ...madeByMachine(typeOff('UNSUBSCRIBED'), optedOut('IMPORT', 'OWN')),
      actor: actors.staff,
      why: given,
    });
    expect(type.state.statuses[trailNotes.id]).toMatchObject({ status: 'UNSUBSCRIBED', by: 'STAFF' });
    const all = judge({
      ...madeByMachine(allOff(northwind.id, true), optedOut('IMPORT', 'BRAND')),
      actor: actors.staff,
      why: given,
    });
    expect(all.state.optOuts.units[northwind.id]).toMatchObject({ by: 'STAFF' });
  });

  it('wants an explanation always, and in privacy mode a basis where mail comes again by it', () => {
    const { legalBasis, explanation } = given;
    const ask = { ...madeByMachine(typeOff()), actor: actors.staff };
    expect(judge({ ...ask, catalogue: single, why: { legalBasis } }).answer).toBe('EXPLANATION_REQUIRED');
    expect(judge({ ...ask, catalogue: single, why: { explanation } }).answer).toBe('CHANGED');
    expect(judge({ ...ask, catalogue: discreet, why: { explanation } }).answer).toBe('LEGAL_BASIS_REQUIRED');
    const unspecified = { ...madeByMachine(typeOff('NOT_SPECIFIED')), actor: actors.staff };
    expect(judge({ ...unspecified, catalogue: discreet, why: { explanation } }).answer).toBe('CHANGED');
    const all = { actor: actors.staff, catalogue: discreet, why: { explanation } };
    expect(judge({ ...all, ...madeByMachine(allOff(northwind.id), subscribed(trailNotes.id)) }).answer).toBe(
      'LEGAL_BASIS_REQUIRED',
    );
    expect(judge({ ...all, ...madeByMachine(allOff(fjell.id), subscribed(trailNotes.id)) }).answer).toBe(
      'CHANGED',
    );
  });

  it('never touches what a person said no to, before the machine or after it', () => {
    for (const change of [typeOff(), allOff(northwind.id), allOff(null)]) {
      const made = madeByMachine(change);
      const wish: Wish =
        change.op === 'STATUS'
          ? { kind: 'OPT_OUT', typeId: trailNotes.id }
          : { kind: 'OPT_OUT_OF_ALL', unitId: change.unitId };
      const said = judge({ state: made.state, actor: actors.freshContact, wish });
      expect(said.answer).toBe('CHANGED');
      const { answer, state } = judge({
        state: said.state,
        wish: made.wish,
        actor: actors.staff,
        why: given,
      });
      expect(answer).toBe('PREVIOUSLY_OPTED_OUT');
      expect(state).toEqual(said.state);
    }
    const remainder = madeByMachine({
      ...allOff(fjell.id),
      op: 'OPT_OUT_OF_ALL',
      unitId: fjell.id,
      typeId: null,
      from: false,
      to: true,
      isRemainder: true,
    });
    expect(judge({ ...remainder, actor: actors.staff, why: given }).answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('changes nothing where another event made what stands, where it was put right already, or where a machine had no part', () => {
    const made = madeByMachine(typeOff());
    const actor = actors.staff;
    expect(
      judge({ ...made, wish: undoMachineOptOut({ seq: 6, change: typeOff() }), actor, why: given }).answer,
    ).toBe('NO_CHANGE');
    const righted = judge({ ...made, actor, why: given }).state;
    expect(judge({ state: righted, wish: made.wish, actor, why: given }).answer).toBe('NO_CHANGE');
    expect(judge({ ...made, state: optedOut('STAFF', 'OWN'), actor, why: given }).answer).toBe('NO_CHANGE');
    const lifted: Change = { op: 'OPT_OUT_OF_ALL', unitId: 0, typeId: null, from: true, to: false };
    expect(
      judge({ ...made, wish: undoMachineOptOut({ seq: 7, change: lifted }), actor, why: given }).answer,
    ).toBe('NOT_ALLOWED');
  });

  it('brings no archived type back, and nobody whose address is gone', () => {
    const types = [...single.types.values()].map((type) => ({
      ...type,
      isActive: type.id !== trailNotes.id,
    }));
    const catalogue = { ...single, types: new Map(types.map((type) => [type.id, type])) };
    expect(judge({ ...madeByMachine(typeOff()), actor: actors.staff, why: given, catalogue }).answer).toBe(
      'TYPE_ARCHIVED',
    );
    const gone = madeByMachine(typeOff(), { ...emptyState(), erasedAt: yesterday });
    expect(judge({ ...gone, actor: actors.staff, why: given, context: { hasAddress: false } }).answer).toBe(
      'ERASED',
    );
  });

  it.each(Object.entries(actors).filter(([, { kind }]) => kind !== 'STAFF'))('is not for %s', (_, actor) => {
    expect(judge({ ...madeByMachine(typeOff()), actor, why: given }).answer).toBe('NOT_ALLOWED');
  });

  it('is found by what stands, with the units that it concerns', () => {
    const { state } = madeByMachine(allOff(fjell.id), madeByMachine(typeOff()).state);
    expect(machineOptOutsOf(state, single).map(({ unitId, typeId }) => [unitId, typeId])).toEqual([
      [fjell.id, null],
      [northwind.id, trailNotes.id],
    ]);
    expect(machineMadeOf(state, single)).toEqual({ at: yesterday, of: ['all', '0', '1'] });
    expect(machineMadeOf(optedOut('CONTACT', 'PORTAL'), single)).toBeNull();
    // Work of staff that came from a program is no machine's opt-out in the contact's name.
    const staffs = applyChange(emptyState(), typeOff(), { at: now, by: 'STAFF', seq: 1, isMachine: true });
    expect(machineMadeOf(staffs, single)).toBeNull();
  });
});

describe('a call or a one-to-one mail to somebody who opted out of all', () => {
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

  it('needs nothing, and leaves no event, where no opt-out of all of that unit stands', () => {
    for (const state of [
      emptyState(),
      optedOut('CONTACT', 'OWN'),
      optedOut('CONTACT', 'BRAND', weekendLetters),
    ])
      expect(judge({ state, actor: actors.staff, wish: call }).answer).toBe('NO_CHANGE');
  });

  it('is for staff alone, and for somebody who can still be reached', () => {
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
