/** The sentences below the table: what an opt-in lifts and keeps, who owns an opt-out, and types that accept no opt-in. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import type { ConsentState } from '../../../src/vocabulary/terms.js';
import {
  actors,
  by,
  given,
  judge,
  optedOut,
  partiesOf,
  statusOf,
  story,
  worldWith,
  yesterday,
} from '../../support/judge.js';
import * as world from '../../support/people.js';
import { lift, optIn, optOut, stop } from '../../support/wishes.js';

const { fjell, northwind, offers, productNews, trailNotes, weekendLetters } = world;
const contact = actors.freshContact;
const single = worldWith({ hasDoubleOptIn: false });

describe('opting in to one type under an opt-out of all', () => {
  it('lifts a brand-wide opt-out and writes UNSUBSCRIBED for every other marketing type of the unit', () => {
    const before: ConsentState = {
      ...optedOut('CONTACT', 'BRAND'),
      subscriptions: { [offers.id]: by('CONTACT') },
    };
    const { state } = judge({ state: before, actor: contact, wish: optIn(trailNotes) });
    expect(state.optOuts.units).toEqual({});
    expect(statusOf(state, trailNotes)).toBe('SUBSCRIBED');
    for (const type of [offers, productNews, world.repairReminders, world.winterCatalogue])
      expect(statusOf(state, type), type.name).toBe('UNSUBSCRIBED');
    expect(statusOf(state, weekendLetters)).toBe('NOT_SPECIFIED');
  });

  it('lifts a portal-wide opt-out and keeps a brand-wide one for every other unit', () => {
    const { state } = judge({
      state: optedOut('CONTACT', 'PORTAL'),
      actor: contact,
      wish: optIn(trailNotes),
    });
    expect(state.optOuts.portal).toBeNull();
    expect(Object.keys(state.optOuts.units)).toEqual([String(fjell.id)]);
    expect(statusOf(state, trailNotes)).toBe('SUBSCRIBED');
    expect(statusOf(state, offers)).toBe('UNSUBSCRIBED');
    expect(statusOf(state, weekendLetters)).toBe('UNSUBSCRIBED');
  });

  it('keeps each remaining opt-out under the party that made it, so staff cannot override the contact', () => {
    const before = story(
      { actor: actors.staff, wish: stop(fjell.id) },
      { actor: actors.staff, wish: optOut(offers) },
      { actor: contact, wish: stop(null) },
      { actor: contact, wish: optIn(trailNotes) },
    );
    expect(partiesOf(before.optOuts.units[fjell.id])).toEqual(['STAFF', 'CONTACT']);
    const lifted = judge({ state: before, actor: actors.staff, wish: lift(fjell.id) });
    expect(statusOf(lifted.state, weekendLetters)).toBe('UNSUBSCRIBED');
    const bulk = judge({ state: before, actor: actors.bulkStaff, wish: optIn(offers), why: given });
    expect(bulk.answer).toBe('PREVIOUSLY_OPTED_OUT');
  });

  it('is allowed for staff only where staff set every opt-out that covers the type', () => {
    const before = story(
      { actor: actors.staff, wish: stop(null) },
      { actor: contact, wish: stop(northwind.id) },
    );
    expect(judge({ state: before, actor: actors.staff, wish: optIn(trailNotes), why: given }).answer).toBe(
      'NOT_SET_BY_STAFF',
    );
  });

  it('keeps a pending wish of another unit, in either order', () => {
    for (const wishes of [
      [optIn(weekendLetters), optIn(trailNotes)],
      [optIn(trailNotes), optIn(weekendLetters)],
    ]) {
      const stopped = story({ actor: contact, wish: stop(null) });
      const state = wishes.reduce((s, wish) => judge({ state: s, actor: contact, wish }).state, stopped);
      expect(state.pending.map(({ typeIds }) => typeIds)).toEqual([[weekendLetters.id]]);
      const confirmed = judge({ state, actor: contact, wish: { kind: 'CONFIRM', pendingId: 'pending-1' } });
      expect(statusOf(confirmed.state, weekendLetters)).toBe('SUBSCRIBED');
      expect(statusOf(confirmed.state, trailNotes)).toBe('SUBSCRIBED');
    }
  });
});

describe('the owner of an opt-out', () => {
  it('stays the contact when another party opts out later', () => {
    for (const actor of [actors.apiV4, actors.bulkStaff, actors.workflow, actors.importer]) {
      for (const wish of [optOut(weekendLetters), stop(fjell.id), stop(null)]) {
        const before = story({ actor: contact, wish }, { actor: contact, wish: optIn(weekendLetters) });
        expect(before.pending).toHaveLength(1);
        const { state } = judge({ state: before, actor, wish });
        expect(state.pending, 'a later opt-out ends what waited').toHaveLength(0);
        expect(
          judge({ state, actor: actors.bulkStaff, wish: optIn(weekendLetters), why: given }).answer,
        ).toBe('PREVIOUSLY_OPTED_OUT');
        expect(judge({ state, actor: actors.apiV4, wish: optIn(weekendLetters), why: given }).answer).toBe(
          'PREVIOUSLY_OPTED_OUT',
        );
      }
    }
  });

  it('becomes the contact when the contact opts out after another party', () => {
    for (const actor of [contact, actors.oneClick, actors.expiredContact]) {
      const own = judge({ state: optedOut('STAFF', 'OWN'), actor, wish: optOut(trailNotes) });
      expect(own.answer).toBe('CHANGED');
      expect(
        judge({ state: own.state, actor: actors.bulkStaff, wish: optIn(trailNotes), why: given }).answer,
      ).toBe('PREVIOUSLY_OPTED_OUT');
      const wide = judge({ state: optedOut('STAFF', 'BRAND'), actor, wish: stop(northwind.id) });
      const lifted = judge({ state: wide.state, actor: actors.staff, wish: lift(northwind.id) });
      expect([lifted.answer, statusOf(lifted.state)]).toEqual(['CHANGED', 'UNSUBSCRIBED']);
    }
  });
});

describe('a wish that changes nothing', () => {
  it.each(Object.entries(actors))('succeeds for %s and records nothing', (_, actor) => {
    const subscribed: ConsentState = {
      ...emptyState(),
      subscriptions: { [trailNotes.id]: by('CONTACT') },
    };
    const catalogue = worldWith({ isPrivacyMode: true });
    const ask = { actor, catalogue };
    expect(judge({ ...ask, state: subscribed, wish: optIn(trailNotes) }).answer).toBe('NO_CHANGE');
    expect(judge({ ...ask, wish: { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id } }).answer).toBe(
      'NO_CHANGE',
    );
    expect(judge({ ...ask, wish: lift(null) }).answer).toBe('NO_CHANGE');
    if (actor.kind === 'SYSTEM') return;
    for (const wish of [optOut(trailNotes), stop(null)]) {
      const state = story({ actor: contact, wish });
      expect(judge({ ...ask, state, wish }).answer).toBe('NO_CHANGE');
    }
  });
});

describe('types that are archived, internal, unknown or of another channel', () => {
  it('refuses every opt-in to an archived type and allows every opt-out', () => {
    for (const actor of [contact, actors.staff, actors.apiV4, actors.workflow])
      expect(judge({ actor, wish: optIn(world.winterCatalogue), why: given }).answer).toBe('TYPE_ARCHIVED');
    expect(judge({ actor: actors.oneClick, wish: optOut(world.winterCatalogue) }).answer).toBe('CHANGED');
  });

  it('refuses the contact’s opt-in to an internal type and allows staff’s', () => {
    expect(judge({ actor: contact, wish: optIn(world.orderNotices) }).answer).toBe('UNKNOWN_TYPE');
    expect(judge({ actor: actors.staff, wish: optIn(world.orderNotices), why: given }).answer).toBe(
      'CHANGED',
    );
  });

  it.each(['OPT_IN', 'OPT_OUT', 'SET_NOT_SPECIFIED'] as const)('refuses an unknown type: %s', (kind) => {
    expect(judge({ actor: actors.staff, wish: { kind, typeId: 999 } }).answer).toBe('UNKNOWN_TYPE');
    expect(judge({ actor: actors.staff, wish: { kind, typeId: world.guestSurvey.id } }).answer).toBe(
      'UNKNOWN_TYPE',
    );
  });

  it('covers a type added later with an existing opt-out of all', () => {
    const later = { ...trailNotes, id: 99 };
    expect(statusOf(optedOut('CONTACT', 'BRAND'), later)).toBe('UNSUBSCRIBED');
    expect(statusOf(optedOut('CONTACT', 'PORTAL'), later)).toBe('UNSUBSCRIBED');
  });
});

it('deciding never alters the state in memory', () => {
  const state = Object.freeze(optedOut('CONTACT', 'PORTAL', trailNotes, yesterday));
  judge({ state, actor: contact, wish: optIn(trailNotes), catalogue: single });
  expect(state).toEqual(optedOut('CONTACT', 'PORTAL', trailNotes, yesterday));
});
