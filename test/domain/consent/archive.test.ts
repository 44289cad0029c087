/** Overflow to the archive, and crashes in the middle of it: an event may be in both places, but is never missing. */
import { describe, expect, it } from 'vitest';
import { archiveOldest, eventCap } from '../../../src/domain/consent/archive.js';
import { archivedEventKey } from '../../../src/models/archived-event.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors } from '../../support/judge.js';
import { offers } from '../../support/people.js';

const room = await openConsentRoom();

/** Opts out and in again, `times` in all. */
async function waver(subscriberId: string, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const kind = turn % 2 ? 'OPT_IN' : 'OPT_OUT';
    await room.act(subscriberId, actors.freshContact, { kind, typeId: offers.id });
  }
}

async function copyToArchive(subscriberId: string, count: number): Promise<void> {
  const { subscriber } = await room.history(subscriberId);
  for (const event of subscriber.events.slice(0, count))
    await room.models.archivedEvents.create({ _id: archivedEventKey(subscriberId, event.seq), event });
}

describe('a document that grows', () => {
  it('moves its oldest events to the archive and keeps its history whole', async () => {
    const id = await room.somebody();
    await waver(id, 3 * eventCap);
    const { subscriber, events } = await room.history(id);
    expect(subscriber.events.length).toBeLessThanOrEqual(eventCap);
    expect(subscriber.eventCount).toBe(subscriber.events.length);
    expect(events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 3 * eventCap }, (_, index) => index + 1),
    );
    expect(await room.faults(id)).toEqual([]);
  });

  it('is archived after the answer, which does not wait for it', async () => {
    const id = await room.somebody();
    await waver(id, eventCap);
    const said: string[] = [];
    const works: Promise<unknown>[] = [];
    const background = (work: Promise<unknown>) =>
      void works.push(work.then(() => void said.push('relieved')));
    await changeConsent(
      { ...room.deps, background },
      {
        subscriberId: id,
        channel: 'EMAIL',
        actor: actors.freshContact,
        wishes: [{ kind: 'OPT_OUT', typeId: offers.id }],
      },
    );
    said.push('answered');
    await Promise.all(works);
    expect(said).toEqual(['answered', 'relieved']);
    expect((await room.history(id)).subscriber.eventCount).toBeLessThan(eventCap);
  });

  it('is archived once when many ask at the same time', async () => {
    const id = await room.somebody();
    await waver(id, eventCap);
    await Promise.all(
      Array.from({ length: 12 }, (_, turn) =>
        room.act(id, actors.freshContact, { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id }),
      ),
    );
    await Promise.all(Array.from({ length: 5 }, () => archiveOldest(room.models, id)));
    expect(await room.faults(id)).toEqual([]);
  });

  it('is not archived below the limit', async () => {
    const id = await room.somebody();
    await waver(id, eventCap);
    expect(await archiveOldest(room.models, id)).toBe(0);
    expect((await room.history(id)).subscriber.eventCount).toBe(eventCap);
  });
});

describe('a crash between the copy and the removal', () => {
  it('leaves duplicates, which readers recognise and the next run removes', async () => {
    const id = await room.somebody();
    await waver(id, eventCap);
    await copyToArchive(id, 25);
    expect((await room.history(id)).events).toHaveLength(eventCap);
    expect(await room.faults(id)).toEqual([]);
    await waver(id, 2);
    const { subscriber, events } = await room.history(id);
    expect(events).toHaveLength(eventCap + 2);
    expect(subscriber.eventCount).toBeLessThan(eventCap);
    expect(await room.faults(id)).toEqual([]);
  });

  it('in the middle of the copy leaves no gap', async () => {
    const id = await room.somebody();
    await waver(id, eventCap);
    await copyToArchive(id, 3);
    await waver(id, 1);
    expect((await room.history(id)).events).toHaveLength(eventCap + 1);
    expect(await room.faults(id)).toEqual([]);
  });
});

it('the chain reveals an archived event that was removed or altered', async () => {
  const id = await room.somebody();
  await waver(id, eventCap + 1);
  const first = archivedEventKey(id, 1);
  expect(await room.faults(id)).toEqual([]);
  const row = await room.models.archivedEvents.findById(first).lean();
  await room.models.archivedEvents.updateOne({ _id: first }, { $set: { 'event.actor.kind': 'API' } });
  expect(await room.faults(id)).toContain('event 1 was altered');
  await room.models.archivedEvents.deleteOne({ _id: first });
  expect((await room.faults(id))[0]).toContain('event 1 is missing');
  expect(row?.event.seq).toBe(1);
});
