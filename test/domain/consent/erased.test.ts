/** Erasure keeps the suppression and the bounces, and revokes links. */
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState } from '../../../src/domain/consent/apply.js';
import type { Change, Wish } from '../../../src/vocabulary/terms.js';
import { actors, by, given, judge, optedOut, partiesOf, statusOf, story } from '../../support/judge.js';
import * as world from '../../support/people.js';
import { lift, optIn, optOut } from '../../support/wishes.js';

const { trailNotes } = world;
const contact = actors.freshContact;

describe('an erased subscriber', () => {
  const gone = { hasAddress: false };
  const erasedBy = (actor: typeof contact | typeof actors.staff, state = emptyState()) =>
    judge({ state, actor, wish: { kind: 'ERASE' } }).state;

  it.each([contact, actors.staff])('keeps the suppression: $kind', (actor) => {
    expect(statusOf(erasedBy(actor), trailNotes)).toBe('UNSUBSCRIBED');
    expect(statusOf(erasedBy(actor, optedOut('CONTACT', 'OWN')), trailNotes)).toBe('UNSUBSCRIBED');
    const bounced = story({
      actor: actors.system,
      wish: { kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' },
    });
    expect(erasedBy(actor, bounced).undeliverable?.reason).toBe('COMPLAINT');
  });

  it('accepts no opt-in while its address is gone', () => {
    const state = erasedBy(actors.staff, optedOut('STAFF', 'OWN'));
    for (const actor of [contact, actors.staff])
      expect(judge({ state, actor, wish: optIn(trailNotes), why: given, context: gone }).answer).toBe(
        'ERASED',
      );
    expect(judge({ state, actor: actors.staff, wish: lift(null), context: gone }).answer).toBe(
      'NOT_SET_BY_STAFF',
    );
    const back: Wish = { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id };
    expect(judge({ state, actor: actors.staff, wish: back, context: gone }).answer).toBe('ERASED');
  });

  it('may still opt out and be erased again', () => {
    const state = erasedBy(contact);
    expect(judge({ state, actor: actors.oneClick, wish: optOut(trailNotes), context: gone }).answer).toBe(
      'CHANGED',
    );
    expect(judge({ state, actor: contact, wish: { kind: 'ERASE' }, context: gone }).answer).toBe('NO_CHANGE');
  });

  it.each([contact, actors.staff])('is opted out by the contact, so staff cannot lift it: $kind', (actor) => {
    const state = erasedBy(actor, optedOut('STAFF', 'PORTAL'));
    const lifted = judge({ state, actor: actors.staff, wish: lift(null) }).state;
    expect(partiesOf(lifted.optOuts.portal)).toEqual(['CONTACT']);
    expect(judge({ state: lifted, actor: actors.staff, wish: lift(null) }).answer).toBe('NOT_SET_BY_STAFF');
  });

  it('is opted out by the contact also in an older history, which recorded staff', () => {
    const older: Change[] = [
      { op: 'OPT_OUT_OF_ALL', unitId: null, typeId: null, from: false, to: true },
      { op: 'ERASED', unitId: null, typeId: null },
    ];
    const state = older.reduce(
      (before, change, seq) => applyChange(before, change, { ...by('STAFF'), seq }),
      emptyState(),
    );
    expect(partiesOf(state.optOuts.portal)).toEqual(['STAFF', 'CONTACT']);
  });

  it('is erased only by staff, the API, or the contact with a link that has not expired', () => {
    expect(judge({ actor: actors.expiredContact, wish: { kind: 'ERASE' } }).answer).toBe('LINK_EXPIRED');
    for (const actor of [
      actors.copiedContact,
      actors.oneClick,
      actors.importer,
      actors.workflow,
      actors.system,
    ])
      expect(judge({ actor, wish: { kind: 'ERASE' } }).answer).toBe('NOT_ALLOWED');
  });
});

describe('bounces and complaints, in either order', () => {
  it('give the same state, and repeating them changes nothing', () => {
    const bounce: Wish = { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' };
    const complaint: Wish = { kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' };
    const actor = actors.system;
    for (const wishes of [
      [bounce, complaint],
      [complaint, bounce],
      [bounce, complaint, bounce],
    ])
      expect(story(...wishes.map((wish) => ({ actor, wish }))).undeliverable?.reason).toBe('COMPLAINT');
    const both = story({ actor, wish: bounce }, { actor, wish: complaint });
    expect(judge({ state: both, actor, wish: bounce }).answer).toBe('NO_CHANGE');
  });
});

describe('revoking links', () => {
  it('is for staff only and raises the epoch each time', () => {
    const wish: Wish = { kind: 'REVOKE_LINKS' };
    expect(story({ actor: actors.staff, wish }, { actor: actors.staff, wish }).epoch).toBe(2);
    for (const actor of [contact, actors.oneClick, actors.apiV4, actors.system])
      expect(judge({ actor, wish }).answer).toBe('NOT_ALLOWED');
  });
});
