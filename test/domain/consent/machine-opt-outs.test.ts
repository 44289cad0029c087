/** Opt-outs made by machines: corrected when a contact says so, without touching a person's opt-out. */
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState } from '../../../src/domain/consent/apply.js';
import {
  machineMadeOf,
  machineOptOutsOf,
  undoMachineOptOut,
} from '../../../src/domain/consent/machine-opt-outs.js';
import type { Actor, Change, ConsentState, Wish } from '../../../src/vocabulary/terms.js';
import {
  actors,
  by,
  given,
  judge,
  now,
  optedOut,
  statusOf,
  story,
  worldWith,
  yesterday,
} from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

const hour = 3_600_000;
const single = worldWith({ hasDoubleOptIn: false });
const discreet = worldWith({ hasDoubleOptIn: false, isPrivacyMode: true });

/** A state with this machine-made opt-out as event 7, and the wish that corrects it. */
function madeByMachine(change: Change, state: ConsentState = emptyState()) {
  const standing = { at: yesterday, by: 'ONE_CLICK', seq: 7, isMachine: true } as const;
  return { state: applyChange(state, change, standing), wish: correction(change) };
}
const correction = ({ unitId, typeId }: Change, seq = 7): Wish => ({
  kind: 'UNDO_MACHINE_OPT_OUT',
  of: { unitId, typeId, seq },
});
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
  subscriptions: { ...state.subscriptions, [id]: by('CONTACT') },
});

describe('correcting an automated opt-out', () => {
  it.each([actors.staff, actors.bulkStaff])('restores the earlier status (isBulk: $isBulk)', (actor) => {
    for (const from of ['SUBSCRIBED', 'NOT_SPECIFIED'] as const) {
      const before = from === 'SUBSCRIBED' ? subscribed(trailNotes.id) : emptyState();
      const { answer, state } = judge({
        ...madeByMachine(typeOff(from), before),
        actor,
        why: given,
        catalogue: discreet,
      });
      expect(answer).toBe('CHANGED');
      expect(statusOf(state)).toBe(from);
    }
  });

  it('lifts an opt-out of all and keeps the types’ own statuses', () => {
    for (const unitId of [northwind.id, null]) {
      const before = subscribed(trailNotes.id, optedOut('CONTACT', 'OWN', offers));
      const { state } = judge({ ...madeByMachine(allOff(unitId), before), actor: actors.staff, why: given });
      expect(statusOf(state, trailNotes)).toBe('SUBSCRIBED');
      expect(statusOf(state, offers)).toBe('UNSUBSCRIBED');
      expect(statusOf(state, weekendLetters)).toBe('NOT_SPECIFIED');
    }
  });

  describe.each([actors.staff, actors.importer, actors.workflow, actors.apiV3])(
    'next to an opt-out of $kind',
    (other) => {
      const wishes: Wish[] = [
        { kind: 'OPT_OUT', typeId: trailNotes.id },
        { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
        { kind: 'OPT_OUT_OF_ALL', unitId: null },
      ];
      const machine = { actor: actors.oneClick, why: { isMachine: true } };

      it.each(wishes)('keeps that opt-out, made before or after: $kind $unitId', (wish) => {
        for (const acts of [
          [{ actor: other, why: {} }, machine],
          [machine, { actor: other, why: {} }],
        ]) {
          const state = story(...acts.map((one) => ({ ...one, wish })));
          const made = machineOptOutsOf(state, single);
          expect(made.map(({ optOuts }) => optOuts.length)).toEqual([2]);
          const ask = { state, wish: made.map(undoMachineOptOut)[0] ?? wish, actor: actors.staff };
          expect(judge({ ...ask, why: {} }).answer).toBe('EXPLANATION_REQUIRED');
          const corrected = judge({ ...ask, why: { explanation: given.explanation }, catalogue: discreet });
          expect(corrected.answer).toBe('CHANGED');
          expect(corrected.state).toEqual(story({ actor: other, wish }));
          expect(judge({ ...ask, state: corrected.state, why: given }).answer).toBe('NO_CHANGE');
        }
      });
    },
  );

  it('is not offered where the contact itself also opted out', () => {
    const wish: Wish = { kind: 'OPT_OUT_OF_ALL', unitId: null };
    const state = story(
      { actor: actors.oneClick, why: { isMachine: true }, wish },
      { actor: actors.freshContact, wish },
    );
    expect(machineOptOutsOf(state, single)).toEqual([]);
    expect(machineMadeOf(state, single)).toBeNull();
  });

  it('also removes entries that moved down, type by type', () => {
    const state = story(
      { actor: actors.oneClick, why: { isMachine: true }, wish: { kind: 'OPT_OUT_OF_ALL', unitId: null } },
      { actor: actors.freshContact, wish: { kind: 'OPT_IN', typeId: trailNotes.id }, catalogue: single },
    );
    const made = machineOptOutsOf(state, single);
    expect(made.map(({ unitId, typeId }) => [unitId, typeId])).toContainEqual([northwind.id, offers.id]);
    const ofOffers = made.find(({ typeId }) => typeId === offers.id);
    if (!ofOffers) throw new Error('The opt-out did not move down.');
    const { state: after } = judge({
      state,
      wish: undoMachineOptOut(ofOffers),
      actor: actors.staff,
      why: given,
    });
    expect(statusOf(after, offers)).toBe('NOT_SPECIFIED');
    expect(machineOptOutsOf(after, single)).toHaveLength(made.length - 1);
  });

  it('is refused in bulk after a later opt-out', () => {
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    const machines = judge({ actor: actors.oneClick, why: { isMachine: true }, wish, at: yesterday });
    const both = judge({ actor: actors.importer, wish, state: machines.state });
    const bulk: Actor = { ...actors.bulkStaff, decidedAt: new Date(yesterday.getTime() + hour) };
    const ask = { actor: bulk, wish: correction(typeOff(), 2), why: given };
    expect(judge({ ...ask, state: machines.state }).answer).toBe('CHANGED');
    expect(judge({ ...ask, state: both.state }).answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('loses its words when the person is erased', () => {
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    const said = { at: now, by: 'STAFF', seq: 2, explanation: given.explanation } as const;
    const machines = judge({ actor: actors.oneClick, why: { isMachine: true }, wish });
    const both = applyChange(machines.state, typeOff('UNSUBSCRIBED'), said);
    expect(both.optOuts.types[trailNotes.id]?.[1]).toMatchObject(said);
    const erased = applyChange(
      both,
      { op: 'ERASED', unitId: null, typeId: null },
      { at: now, by: 'STAFF', seq: 3 },
    );
    expect(JSON.stringify(erased)).not.toContain(given.explanation);
  });

  it('needs an explanation, and in privacy mode a basis where mail resumes', () => {
    const { legalBasis, explanation } = given;
    const ask = { ...madeByMachine(typeOff(), subscribed(trailNotes.id)), actor: actors.staff };
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

  it('never removes an opt-out by a person, made before or after the machine’s', () => {
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
  });

  it('never removes what an older opt-in kept of an automated opt-out: it counts as the contact’s', () => {
    const { state, wish } = madeByMachine({ ...typeOff(), isRemainder: true } as Change);
    expect(judge({ state, wish, actor: actors.staff, why: given }).answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('changes nothing without a machine’s opt-out, after a correction, or for another event’s opt-out', () => {
    const made = madeByMachine(typeOff());
    const actor = actors.staff;
    expect(judge({ ...made, wish: correction(typeOff(), 6), actor, why: given }).answer).toBe('NO_CHANGE');
    const corrected = judge({ ...made, actor, why: given }).state;
    expect(judge({ state: corrected, wish: made.wish, actor, why: given }).answer).toBe('NO_CHANGE');
    expect(judge({ ...made, state: optedOut('STAFF', 'OWN'), actor, why: given }).answer).toBe('NO_CHANGE');
  });

  it('restores no archived type and no erased subscriber', () => {
    const types = [...single.types.values()].map((type) => ({
      ...type,
      isActive: type.id !== trailNotes.id,
    }));
    const catalogue = { ...single, types: new Map(types.map((type) => [type.id, type])) };
    const made = madeByMachine(typeOff(), subscribed(trailNotes.id));
    expect(judge({ ...made, actor: actors.staff, why: given, catalogue }).answer).toBe('TYPE_ARCHIVED');
    const gone = madeByMachine(typeOff(), { ...emptyState(), erasedAt: yesterday });
    expect(judge({ ...gone, actor: actors.staff, why: given, context: { hasAddress: false } }).answer).toBe(
      'ERASED',
    );
  });

  it.each(Object.entries(actors).filter(([, { kind }]) => kind !== 'STAFF'))(
    'is refused for %s',
    (_, actor) => {
      expect(judge({ ...madeByMachine(typeOff()), actor, why: given }).answer).toBe('NOT_ALLOWED');
    },
  );

  it('is listed from the current state, with the units concerned', () => {
    const { state } = madeByMachine(allOff(fjell.id), madeByMachine(typeOff()).state);
    expect(machineOptOutsOf(state, single).map(({ unitId, typeId }) => [unitId, typeId])).toEqual([
      [fjell.id, null],
      [northwind.id, trailNotes.id],
    ]);
    expect(machineMadeOf(state, single)).toEqual({ at: yesterday, of: ['all', '0', '1'] });
    expect(machineMadeOf(optedOut('CONTACT', 'PORTAL'), single)).toBeNull();
    // A bulk act by staff through a program is not a machine's opt-out in the contact's name.
    const staffs = applyChange(emptyState(), typeOff(), { at: now, by: 'STAFF', seq: 1, isMachine: true });
    expect(machineMadeOf(staffs, single)).toBeNull();
  });
});
