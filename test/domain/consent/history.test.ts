/** A subscriber's history against a real database: complete, in order, and showing every tampering. */
import { beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../../src/domain/consent/apply.js';
import { readHistory, stateOnly } from '../../../src/domain/consent/history.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, given } from '../../support/judge.js';
import { northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

let id: string;
const room = await openConsentRoom();
beforeEach(async () => {
  room.setTime(new Date('2026-03-02T12:00:00Z'));
  id = await room.somebody();
  const contact = actors.freshContact;
  await room.act(id, contact, [
    { kind: 'OPT_IN', typeId: trailNotes.id },
    { kind: 'OPT_OUT', typeId: offers.id },
    { kind: 'OPT_IN', typeId: weekendLetters.id },
  ]);
  await room.act(id, contact, { kind: 'SNOOZE', typeId: trailNotes.id, days: 60 });
  await room.act(id, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }, given);
  await room.act(id, actors.system, { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' });
});

/** What an attacker with the database's password might do. */
const tamper = (update: object) => room.models.subscribers.collection.updateOne({ _id: id as never }, update);

describe('a consent history', () => {
  it('is empty for an unknown subscriber', async () => {
    expect(await readHistory(room.models, 'nobody')).toBeNull();
  });

  it('gives the state when it is replayed from the first event', async () => {
    const { subscriber, events } = await room.history(id);
    const at = subscriber.updatedAt;
    expect(stateOnly(replay(events), at)).toEqual(stateOnly(subscriber, at));
    expect(await room.faults(id)).toEqual([]);
  });

  it('is valid after a pending wish expired without an event', async () => {
    room.setTime(new Date('2026-03-09T12:00:00Z'));
    await room.act(id, actors.freshContact, { kind: 'OPT_IN', typeId: weekendLetters.id });
    expect((await room.history(id)).subscriber.pending).toHaveLength(1);
    expect(await room.faults(id)).toEqual([]);
  });

  it('is empty and valid for a subscriber without acts', async () => {
    expect(await room.faults(await room.somebody())).toEqual([]);
  });
});

describe('tampering with a history is found', () => {
  it.each([
    ['a subscription that is added by hand', { $set: { 'subscriptions.2': { by: 'STAFF' } } }],
    ['an opt-out that is taken away', { $set: { 'optOuts.types': {} } }],
    ['an opt-out of all that is taken away', { $set: { 'optOuts.units': {} } }],
    ['whose opt-out it was', { $set: { 'optOuts.units.0.0.party': 'CONTACT' } }],
    ['a bounce that is taken away', { $set: { undeliverable: null } }],
    ['a snooze that is taken away', { $set: { snoozes: {} } }],
    ['a link epoch that was set back', { $set: { epoch: 5 } }],
    ['an event that is altered', { $set: { 'events.1.change.to': 'SUBSCRIBED' } }],
    ['an event that is taken out at the end', { $pop: { events: 1 } }],
    ['an event that is taken out at the beginning', { $pop: { events: -1 } }],
    ['all events taken out', { $set: { events: [] } }],
    ['words that are altered', { $set: { 'events.4.detail.explanation': 'Said something else.' } }],
  ])('%s', async (_, update) => {
    await tamper(update);
    expect(await room.faults(id)).not.toEqual([]);
  });

  it('and reported in sentences without an address', async () => {
    const address = 'told-on@example.com';
    const other = await room.somebody(address);
    await room.act(other, actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    await room.models.subscribers.collection.updateOne(
      { _id: other as never },
      { $set: { 'events.0.actor.kind': 'API', 'optOuts.portal': null } },
    );
    const faults = await room.faults(other);
    expect(faults).toEqual(['event 1 was altered', 'replaying the history does not give the stored state']);
  });
});
