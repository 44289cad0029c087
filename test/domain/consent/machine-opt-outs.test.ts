/** Opt-outs that machines made: put right where a contact says so, and never over what a person or another said. */
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState } from '../../../src/domain/consent/apply.js';
import {
  machineMadeOf,
  machineOptOutsOf,
  undoMachineOptOut,
} from '../../../src/domain/consent/machine-opt-outs.js';
import type { Actor, Change, ConsentState, Wish } from '../../../src/domain/consent/terms.js';
import type { Judged } from '../../support/judge.js';
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

const setBack: Wish = { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id };
const hour = 3_600_000;
const single = worldWith({ hasDoubleOptIn: false });
const discreet = worldWith({ hasDoubleOptIn: false, isPrivacyMode: true });

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
/** What the one change of a verdict was. */
function changeOf({ verdict }: Judged): Change {
  const [change] = verdict.kind === 'CHANGE' ? verdict.changes : [];
  if (!change) throw new Error('Nothing was changed.');
  return change;
}
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

  describe.each([actors.staff, actors.importer, actors.workflow, actors.apiV3])(
    'and a no of $kind',
    (other) => {
      const wishes: Wish[] = [
        { kind: 'OPT_OUT', typeId: trailNotes.id },
        { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
        { kind: 'OPT_OUT_OF_ALL', unitId: null },
      ];
      const machine = { actor: actors.oneClick, why: { isMachine: true } };

      it.each(wishes)('which came before or after the machine’s, stays as it was: $kind $unitId', (wish) => {
        for (const [first, second] of [
          [{ actor: other, why: {} }, machine],
          [machine, { actor: other, why: {} }],
        ] as const) {
          const before = judge({ ...first, wish, at: yesterday });
          const both = judge({ ...second, wish, state: before.state });
          expect(both.answer).toBe('CHANGED');
          // Once both have said so, neither is news.
          for (const again of [first, second])
            expect(judge({ ...again, wish, state: both.state }).answer).toBe('NO_CHANGE');

          const machines = machineOptOutsOf(both.state, single);
          expect(machines.map(({ standing }) => standing.beneath?.by)).toEqual([other.kind]);
          const event = {
            seq: machines[0]?.standing.seq ?? 0,
            change: changeOf(first === machine ? before : both),
          };
          const ask = { state: both.state, wish: undoMachineOptOut(event), actor: actors.staff };
          expect(judge({ ...ask, why: {} }).answer).toBe('EXPLANATION_REQUIRED');
          const righted = judge({ ...ask, why: { explanation: given.explanation }, catalogue: discreet });
          expect(righted.answer).toBe('CHANGED');
          const alone = first === machine ? judge({ ...second, wish }) : before;
          expect(righted.state).toEqual(alone.state);
          expect(judge({ ...ask, state: righted.state, why: given }).answer).toBe('NO_CHANGE');
        }
      });
    },
  );

  it('keeps no other’s beneath a person’s own, which nobody puts right', () => {
    const wish: Wish = { kind: 'OPT_OUT_OF_ALL', unitId: null };
    const machines = judge({ actor: actors.oneClick, why: { isMachine: true }, wish });
    const both = judge({ actor: actors.importer, wish, state: machines.state });
    const own = judge({ actor: actors.freshContact, wish, state: both.state });
    expect(own.state.optOuts.portal).toEqual({ at: now, by: 'CONTACT', seq: expect.any(Number) as number });
  });

  it('is not put right in bulk over a no that came after it was decided on', () => {
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    const machines = judge({ actor: actors.oneClick, why: { isMachine: true }, wish, at: yesterday });
    const both = judge({ actor: actors.importer, wish, state: machines.state });
    const bulk: Actor = { ...actors.bulkStaff, decidedAt: new Date(yesterday.getTime() + hour) };
    expect(judge({ actor: bulk, wish: setBack, state: machines.state }).answer).toBe('CHANGED');
    expect(judge({ actor: bulk, wish: setBack, state: both.state }).answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('loses its words with the person, like everything that others said', () => {
    const wish: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
    const machines = judge({ actor: actors.oneClick, why: { isMachine: true }, wish });
    const said = { at: now, by: 'STAFF', seq: 2, explanation: given.explanation } as const;
    const both = applyChange(machines.state, { ...typeOff('UNSUBSCRIBED'), keepsBoth: true } as Change, said);
    expect(both.statuses[trailNotes.id]?.beneath).toEqual(said);
    const erased = applyChange(
      both,
      { op: 'ERASED', unitId: null, typeId: null },
      { at: now, by: 'STAFF', seq: 3 },
    );
    expect(JSON.stringify(erased)).not.toContain(given.explanation);
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
