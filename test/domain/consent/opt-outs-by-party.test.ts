/** "Opt-outs by party" of the specification: one test for each sentence, at the level of the rules. */
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState } from '../../../src/domain/consent/apply.js';
import { repeatMs } from '../../../src/domain/consent/opt-out-sets.js';
import type { Actor, Party, Wish } from '../../../src/vocabulary/terms.js';
import {
  actors,
  given,
  judge,
  now,
  partiesOf,
  statusOf,
  story,
  worldWith,
  yesterday,
} from '../../support/judge.js';
import { northwind, trailNotes, weekendLetters } from '../../support/people.js';
import { importer, optIn, optOut, setFor, stop } from '../../support/wishes.js';

const catalogue = worldWith({ hasDoubleOptIn: false });
const contact = actors.freshContact;
const machine = { isMachine: true };
const targets: Wish[] = [optOut(trailNotes), stop(northwind.id), stop(null)];

describe('the party of an opt-out', () => {
  it.each([
    ['CONTACT', contact, {}],
    ['CONTACT', actors.expiredContact, {}],
    ['CONTACT', actors.oneClick, {}],
    ['AUTOMATED', contact, machine],
    ['AUTOMATED', actors.oneClick, machine],
    ['STAFF', actors.staff, {}],
    ['STAFF', actors.bulkStaff, machine],
    ['API', actors.apiV3, {}],
    ['API', actors.apiV4, {}],
    ['WORKFLOW', actors.workflow, {}],
    ['IMPORT:import:1', actors.importer, {}],
  ] as [Party, Actor, object][])('is %s for %o', (party, actor, why) => {
    for (const wish of targets)
      expect(partiesOf(setFor(judge({ actor, wish, why }).state, wish))).toEqual([party]);
  });

  it('is the contact for an erasure, also when staff erase', () => {
    for (const actor of [contact, actors.staff])
      expect(partiesOf(judge({ actor, wish: { kind: 'ERASE' } }).state.optOuts.portal)).toEqual(['CONTACT']);
  });

  it('is the same for all runs of a scheduled source', () => {
    const run = (ref: string): Actor => ({ kind: 'IMPORT', ref, source: 'source:7' });
    const wish = stop(null);
    const first = judge({ actor: run('import:1'), wish });
    expect(partiesOf(first.state.optOuts.portal)).toEqual(['IMPORT:source:7']);
    expect(judge({ state: first.state, actor: run('import:2'), wish }).answer).toBe('NO_CHANGE');
  });

  it('has its own time, actor, reference, legal basis and explanation', () => {
    const standing = { at: now, by: 'STAFF', seq: 1, ref: 'user:1', ...given } as const;
    const change = {
      op: 'OPT_OUT_OF_ALL',
      unitId: null,
      typeId: null,
      from: false,
      to: true,
      party: 'STAFF',
    } as const;
    expect(applyChange(emptyState(), change, standing).optOuts.portal).toEqual([
      { ...standing, party: 'STAFF' },
    ]);
  });
});

describe('an opt-out', () => {
  it.each(targets)(
    'adds its party’s entry and keeps the others, although the status stays the same: $kind',
    (wish) => {
      const state = story(
        { actor: importer(1), wish },
        { actor: importer(2), wish },
        { actor: actors.staff, wish },
        { actor: contact, wish, why: machine },
      );
      expect(partiesOf(setFor(state, wish))).toEqual([
        'IMPORT:import:1',
        'IMPORT:import:2',
        'STAFF',
        'AUTOMATED',
      ]);
    },
  );

  it.each(targets)('changes nothing when its party already has an entry: $kind', (wish) => {
    for (const actor of [importer(1), actors.staff, actors.workflow, actors.apiV3]) {
      const state = story({ actor, wish, at: yesterday });
      expect(judge({ state, actor, wish }).answer).toBe('NO_CHANGE');
    }
    const automated = story({ actor: contact, wish, why: machine, at: yesterday });
    expect(judge({ state: automated, actor: actors.oneClick, wish, why: machine }).answer).toBe('NO_CHANGE');
  });

  it.each(targets)('by the contact updates the time of its own entry: $kind', (wish) => {
    const state = story({ actor: contact, wish, at: yesterday });
    const again = judge({ state, actor: actors.oneClick, wish });
    expect(again.answer).toBe('CHANGED');
    expect(setFor(again.state, wish)).toMatchObject([{ party: 'CONTACT', by: 'ONE_CLICK', at: now }]);
  });

  it.each(targets)(
    'by the contact is recorded once within some minutes, however often it repeats: $kind',
    (wish) => {
      const state = story({ actor: contact, wish, at: now });
      for (const actor of [contact, actors.oneClick])
        for (const after of [0, 1, repeatMs - 1])
          expect(judge({ state, actor, wish, at: new Date(now.getTime() + after) }).answer).toBe('NO_CHANGE');
      expect(judge({ state, actor: contact, wish, at: new Date(now.getTime() + repeatMs) }).answer).toBe(
        'CHANGED',
      );
    },
  );

  it.each(targets)('by another party records nothing after the contact’s opt-out: $kind', (wish) => {
    const state = story({ actor: contact, wish });
    for (const actor of [actors.staff, actors.bulkStaff, importer(1), actors.workflow, actors.apiV4])
      expect(judge({ state, actor, wish }).answer).toBe('NO_CHANGE');
    expect(judge({ state, actor: actors.oneClick, wish, why: machine }).answer).toBe('NO_CHANGE');
  });

  it('by any party ends a pending wish, also after the contact’s opt-out', () => {
    const asked = story(
      { actor: contact, wish: optOut(weekendLetters) },
      { actor: contact, wish: optIn(weekendLetters) },
    );
    expect(asked.pending).toHaveLength(1);
    const { state } = judge({ state: asked, actor: actors.staff, wish: optOut(weekendLetters) });
    expect(state.pending).toEqual([]);
    expect(partiesOf(state.optOuts.types[weekendLetters.id])).toEqual(['CONTACT']);
  });

  it.each(targets)('by the contact is added to the others’, which stay: $kind', (wish) => {
    const state = story(
      { actor: actors.staff, wish },
      { actor: actors.oneClick, wish, why: machine },
      { actor: actors.oneClick, wish },
    );
    expect(partiesOf(setFor(state, wish))).toEqual(['STAFF', 'AUTOMATED', 'CONTACT']);
  });
});

describe('an allowed opt-in', () => {
  it.each([contact, actors.staff, actors.bulkStaff, actors.apiV4])(
    'by $kind empties the type’s set',
    (actor) => {
      const wish = optOut(trailNotes);
      const before = story(
        { actor: importer(1), wish },
        { actor: actors.workflow, wish },
        { actor: actors.staff, wish },
      );
      const { state } = judge({ state: before, actor, wish: optIn(trailNotes), why: given, catalogue });
      expect(statusOf(state)).toBe('SUBSCRIBED');
      expect(state.optOuts.types).toEqual({});
    },
  );

  it('is decided by the parties of the set; an automated entry counts as the contact’s', () => {
    for (const why of [{}, machine]) {
      const wish = optOut(trailNotes);
      const state = story({ actor: actors.staff, wish }, { actor: actors.oneClick, wish, why });
      expect(judge({ state, actor: actors.bulkStaff, wish: optIn(trailNotes), why: given }).answer).toBe(
        'PREVIOUSLY_OPTED_OUT',
      );
    }
  });

  it('by staff lifts an opt-out of all only when the set has staff’s entry alone', () => {
    const asked = { actor: actors.staff, wish: optIn(trailNotes), why: given, catalogue };
    const staffs = story({ actor: actors.staff, wish: stop(northwind.id) });
    expect(judge({ ...asked, state: staffs }).answer).toBe('CHANGED');
    const both = story(
      { actor: actors.staff, wish: stop(northwind.id) },
      { actor: importer(1), wish: stop(northwind.id) },
    );
    expect(judge({ ...asked, state: both }).answer).toBe('NOT_SET_BY_STAFF');
  });
});
