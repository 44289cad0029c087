/** "Opt-outs by party" of the specification: how entries move down, are removed, and are merged. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import { mergedSets, mostImports } from '../../../src/domain/consent/opt-out-sets.js';
import type { Actor, OptOut, Wish } from '../../../src/vocabulary/terms.js';
import {
  actors,
  by,
  judge,
  now,
  ownState,
  partiesOf,
  setBy,
  statusOf,
  story,
  worldWith,
  yesterday,
} from '../../support/judge.js';
import { fjell, northwind, offers, productNews, trailNotes, weekendLetters } from '../../support/people.js';
import { importer, lift, optIn, optOut, setFor, stop } from '../../support/wishes.js';

const catalogue = worldWith({ hasDoubleOptIn: false });
const contact = actors.freshContact;
const targets: Wish[] = [optOut(trailNotes), stop(northwind.id), stop(null)];

describe('lifting an opt-out of all by opting in', () => {
  it('moves the unit’s entries to each other type of the unit without such an entry', () => {
    const before = story(
      { actor: importer(1), wish: optOut(offers), at: yesterday },
      { actor: importer(1), wish: stop(northwind.id) },
      { actor: actors.oneClick, wish: stop(northwind.id) },
    );
    const { state } = judge({ state: before, actor: contact, wish: optIn(trailNotes), catalogue });
    expect(state.optOuts.units).toEqual({});
    expect(state.optOuts.types[trailNotes.id]).toBeUndefined();
    expect(state.optOuts.types[productNews.id]).toEqual(before.optOuts.units[northwind.id]);
    expect(state.optOuts.types[offers.id]).toEqual([
      ...(before.optOuts.types[offers.id] ?? []),
      ...(before.optOuts.units[northwind.id] ?? []).slice(1),
    ]);
    expect(state.optOuts.types[weekendLetters.id], 'a type of another unit').toBeUndefined();
  });

  it('moves the account’s entries to each other unit, and to each other type of the type’s own unit', () => {
    const before = story(
      { actor: actors.staff, wish: stop(fjell.id), at: yesterday },
      { actor: importer(1), wish: stop(null) },
    );
    const { state } = judge({ state: before, actor: contact, wish: optIn(trailNotes), catalogue });
    expect(state.optOuts.portal).toBeNull();
    expect(partiesOf(state.optOuts.units[fjell.id])).toEqual(['STAFF', 'IMPORT:import:1']);
    expect(state.optOuts.types[offers.id]).toEqual(before.optOuts.portal);
    expect(state.optOuts.units[northwind.id]).toBeUndefined();
  });

  it('skips the types that the same act opts in', () => {
    const companions = new Map([trailNotes.id, offers.id].map((id) => [id, 'NOW' as const]));
    const before = story({ actor: importer(1), wish: stop(null) });
    const ask = { actor: contact, catalogue, context: { companions } };
    const first = judge({ ...ask, state: before, wish: optIn(trailNotes) });
    const { state } = judge({ ...ask, state: first.state, wish: optIn(offers) });
    expect([statusOf(state), statusOf(state, offers), statusOf(state, productNews)]).toEqual([
      'SUBSCRIBED',
      'SUBSCRIBED',
      'UNSUBSCRIBED',
    ]);
  });

  it('keeps the later of two opt-outs by the contact, so that evidence from between them does not count', () => {
    const before = story(
      { actor: contact, wish: optOut(offers), at: yesterday },
      { actor: contact, wish: stop(northwind.id), at: now },
    );
    const { state } = judge({ state: before, actor: contact, wish: optIn(trailNotes), catalogue });
    expect(state.optOuts.types[offers.id]).toMatchObject([{ party: 'CONTACT', at: now }]);
  });
});

describe('"Remove opt out from all email"', () => {
  it('removes staff’s entry and keeps the target opted out where other entries remain', () => {
    for (const unitId of [northwind.id, null]) {
      const wish = stop(unitId);
      const before = story({ actor: actors.staff, wish }, { actor: importer(1), wish });
      const { answer, state } = judge({ state: before, actor: actors.staff, wish: lift(unitId) });
      expect(answer).toBe('CHANGED');
      expect(partiesOf(setFor(state, wish))).toEqual(['IMPORT:import:1']);
      expect(judge({ state, actor: actors.staff, wish: lift(unitId) }).answer).toBe('NOT_SET_BY_STAFF');
    }
  });

  it('makes an earlier subscription count again', () => {
    const before = { ...emptyState(), ...ownState(trailNotes, 'SUBSCRIBED') };
    const stopped = judge({ state: before, actor: actors.staff, wish: stop(northwind.id) });
    expect(statusOf(stopped.state)).toBe('UNSUBSCRIBED');
    const { state } = judge({ state: stopped.state, actor: actors.staff, wish: lift(northwind.id) });
    expect(statusOf(state)).toBe('SUBSCRIBED');
  });
});

describe('undoing an import', () => {
  const undo: Wish = { kind: 'UNDO_IMPORT' };

  it('keeps addresses opted out that a second import of the same file named', () => {
    for (const wish of targets) {
      const before = story({ actor: importer(1), wish }, { actor: importer(2), wish });
      const { state } = judge({ state: before, actor: importer(1), wish: undo });
      expect(partiesOf(setFor(state, wish))).toEqual(['IMPORT:import:2']);
      expect(judge({ state, actor: importer(2), wish: undo }).state.optOuts).toEqual(emptyState().optOuts);
    }
  });

  it('removes its entries everywhere, also moved ones, and subscriptions count again', () => {
    const subscribed = { ...emptyState(), subscriptions: { [offers.id]: by('CONTACT') } };
    const stopped = judge({ state: subscribed, actor: importer(1), wish: stop(null) });
    const chosen = judge({ state: stopped.state, actor: contact, wish: optIn(trailNotes), catalogue });
    expect([statusOf(chosen.state, offers), statusOf(chosen.state, weekendLetters)]).toEqual([
      'UNSUBSCRIBED',
      'UNSUBSCRIBED',
    ]);
    const { answer, state } = judge({ state: chosen.state, actor: importer(1), wish: undo });
    expect(answer).toBe('CHANGED');
    expect(state.optOuts).toEqual(emptyState().optOuts);
    expect([statusOf(state, offers), statusOf(state, weekendLetters)]).toEqual([
      'SUBSCRIBED',
      'NOT_SPECIFIED',
    ]);
    expect(judge({ state, actor: importer(1), wish: undo }).answer).toBe('NO_CHANGE');
  });

  it('keeps every other party’s entry, and works only for imports', () => {
    const state = story({ actor: actors.staff, wish: stop(null) }, { actor: importer(1), wish: stop(null) });
    expect(judge({ state, actor: importer(2), wish: undo }).answer).toBe('NO_CHANGE');
    for (const actor of Object.values(actors).filter(({ kind }) => kind !== 'IMPORT'))
      expect(judge({ state, actor, wish: undo }).answer).toBe('NOT_ALLOWED');
  });

  it('keeps pending wishes', () => {
    const double = worldWith({ hasDoubleOptIn: true });
    const state = story(
      { actor: importer(1), wish: stop(northwind.id) },
      { actor: contact, wish: optIn(trailNotes), catalogue: double },
    );
    expect(judge({ state, actor: importer(1), wish: undo }).state.pending).toHaveLength(1);
  });
});

describe('imports on one target', () => {
  it('keep single entries up to a limit; older ones become one entry that no undo removes', () => {
    const wish = stop(null);
    const wishes = Array.from({ length: mostImports + 3 }, (_, id) => ({
      actor: importer(id),
      wish,
      at: new Date(yesterday.getTime() + id),
    }));
    const state = story(...wishes);
    const kept = partiesOf(state.optOuts.portal);
    expect(kept).toHaveLength(mostImports + 1);
    expect(kept).toContain('IMPORT:*');
    expect([kept.includes('IMPORT:import:2'), kept.includes('IMPORT:import:3')]).toEqual([false, true]);
    const undone = Array.from({ length: mostImports + 3 }, (_, id) => importer(id)).reduce(
      (after, actor) => judge({ state: after, actor, wish: { kind: 'UNDO_IMPORT' } }).state,
      state,
    );
    expect(partiesOf(undone.optOuts.portal)).toEqual(['IMPORT:*']);
    const older: Actor = { kind: 'IMPORT', ref: '*' };
    expect(judge({ state: undone, actor: older, wish: { kind: 'UNDO_IMPORT' } }).answer).toBe('NOT_ALLOWED');
  });
});

describe('merging two opt-out sets', () => {
  it('keeps every party’s entry once, and the later of the contact’s', () => {
    const earlier: OptOut = { ...by('CONTACT', yesterday), party: 'CONTACT' };
    const later: OptOut = { ...by('ONE_CLICK', now), party: 'CONTACT' };
    const staffs = setBy(by('STAFF'));
    expect(mergedSets([earlier], [later])).toEqual([later]);
    expect(mergedSets([later], [earlier])).toEqual([later]);
    expect(partiesOf(mergedSets(staffs, [later]))).toEqual(['STAFF', 'CONTACT']);
    expect(mergedSets(staffs, null)).toBe(staffs);
    expect(mergedSets(null, undefined)).toBeNull();
  });
});
