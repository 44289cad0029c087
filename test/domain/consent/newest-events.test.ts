/** Events newest first: each one once, whatever is archived or added in the meantime, and reading only what is needed. */
import { cursorIn, cursorText } from '../../../src/cursor.js';
import { describe, expect, it } from 'vitest';
import { archiveOldest } from '../../../src/domain/consent/archive.js';
import { everSubscribedTo, newestEvents, eventPlace } from '../../../src/domain/consent/newest-events.js';
import type { WantedEvents } from '../../../src/domain/consent/newest-events.js';
import type { ConsentEvent } from '../../../src/vocabulary/terms.js';
import { findArchivedEvents } from '../../../src/models/archived-event.js';
import { watchedBy } from '../../support/connection.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors } from '../../support/judge.js';
import {
  fjell,
  northwind,
  offers,
  repairReminders,
  trailNotes,
  weekendLetters,
} from '../../support/people.js';

const many = 260;
const room = await openConsentRoom();
const id = await room.somebody();
for (let turn = 0; turn < many; turn++) {
  room.setTime(new Date(Date.UTC(2026, 2, 2, 12, 0, turn)));
  const typeId = turn % 10 === 0 ? weekendLetters.id : trailNotes.id;
  await room.act(id, actors.freshContact, { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId });
}

async function all(events: AsyncIterable<ConsentEvent>): Promise<ConsentEvent[]> {
  const read: ConsentEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}
const newest = (more: Partial<WantedEvents> = {}) =>
  newestEvents(room.models, { subscriberIds: [id], ...more });

describe('newestEvents', () => {
  it('gives every event, newest first, and continues after any of them', async () => {
    const { events } = await room.history(id);
    expect(events.length).toBeGreaterThan(200);
    const reversed = [...events].reverse();
    expect(await all(newest())).toEqual(reversed);
    for (const at of [0, 7, 45, 150, reversed.length - 1])
      expect(await all(newest({ before: { [id]: reversed[at]?.seq ?? 0 } }))).toEqual(reversed.slice(at + 1));
  });

  it('gives the events of some units, or of the whole account', async () => {
    await room.act(id, actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    const { events } = await room.history(id);
    for (const unitIds of [[], [fjell.id], [northwind.id, fjell.id]])
      expect(await all(newest({ unitIds }))).toEqual(
        events.filter(({ change: { unitId } }) => unitId === null || unitIds.includes(unitId)).reverse(),
      );
  });

  it('repeats and misses nothing while old events are archived and new ones are added', async () => {
    const other = await room.somebody();
    const contact = actors.freshContact;
    for (let turn = 0; turn < 38; turn++)
      await room.act(other, contact, { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id });
    const before = (await room.history(other)).events;
    const reading = newestEvents(room.models, { subscriberIds: [other] });
    const first = await reading.next();
    for (let turn = 0; turn < 5; turn++)
      await room.act(other, contact, { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id });
    await room.history(other);
    await archiveOldest(room.models, other);
    const kept = await room.models.subscribers.findById(other, { eventCount: 1 }).lean();
    expect(kept?.eventCount).toBeLessThan(30);
    expect([first.value, ...(await all(reading))]).toEqual([...before].reverse());
  });

  it('reads the archive in hundreds, with a time limit and majority read concern', async () => {
    const asked: unknown[] = [];
    const { models } = await watchedBy(room.database, (command) => {
      if (command['find'] === 'archived_events') asked.push(command);
    });
    const reading = newestEvents(models, { subscriberIds: [id] });
    for (let count = 0; count < 15; count++) await reading.next();
    expect(asked).toHaveLength(0);
    for (let count = 0; count < 60; count++) await reading.next();
    expect(asked).toHaveLength(1);
    await all(reading);
    const { length: archived } = await findArchivedEvents(room.models.archivedEvents, id);
    expect(archived).toBeGreaterThan(100);
    expect(asked).toHaveLength(Math.floor(archived / 100) + 1);
    for (const command of asked)
      expect(command).toMatchObject({ limit: 100, maxTimeMS: 5000, readConcern: { level: 'majority' } });
  });

  it('gives nothing for an unknown subscriber', async () => {
    expect(await all(newestEvents(room.models, { subscriberIds: ['nobody'] }))).toEqual([]);
  });
});

it('a cursor survives a URL, and anything else is refused as a cursor', () => {
  const place = { 'a-_9': 12, b: 0 };
  expect(cursorIn(cursorText(place), eventPlace)).toEqual(place);
  for (const wrong of ['', 'a', 'a~', 'a~x', 'a~1.', '~1', 'a~1,b~2', 'x'.repeat(600), ['a~1'], undefined])
    expect(cursorIn(wrong, eventPlace), String(wrong)).toBeNull();
});

describe('everSubscribedTo', () => {
  it('finds types in the archive and in the document', async () => {
    const who = await room.somebody();
    await room.act(who, actors.freshContact, { kind: 'OPT_IN', typeId: repairReminders.id });
    for (let turn = 0; turn < 60; turn++)
      await room.act(who, actors.freshContact, {
        kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT',
        typeId: trailNotes.id,
      });
    await room.act(who, actors.freshContact, { kind: 'OPT_OUT', typeId: offers.id });
    await room.history(who);
    const ids = [repairReminders.id, trailNotes.id, offers.id];
    expect(await everSubscribedTo(room.models, { _id: who }, ids)).toEqual(
      new Set([repairReminders.id, trailNotes.id]),
    );
    expect(await everSubscribedTo(room.models, { _id: who }, [])).toEqual(new Set());
  });
});
