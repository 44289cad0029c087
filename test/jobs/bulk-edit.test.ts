/** Editing the subscriptions of many contacts: what the preview says is what comes, refusals are rows, and an opt-out meanwhile stands. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BulkEdit } from '../../src/domain/contacts/bulk/bulk-edit.js';
import { facet } from '../../src/domain/contacts/facets.js';
import { openBulkRoom } from '../support/bulk-room.js';
import type { BulkRoom } from '../support/bulk-room.js';
import { actors, given, worldWith } from '../support/judge.js';
import { trailNotes } from '../support/people.js';

let room: BulkRoom;
beforeAll(async () => {
  room = await openBulkRoom();
});
afterAll(() => room.close());
const start = Date.parse('2026-03-02T12:00:00Z');
afterEach(async () => {
  for (const model of [
    room.models.contacts,
    room.models.subscribers,
    room.models.jobs,
    room.models.jobChunks,
  ])
    await model.collection.deleteMany({});
  room.setTime(new Date(start));
  room.setCatalogue(worldWith());
});

const everybody = { kind: 'FILTER' as const, facets: [], search: '' };
const edit = (more: Partial<BulkEdit> = {}): BulkEdit => ({
  selection: everybody,
  channel: 'EMAIL',
  typeIds: [trailNotes.id],
  status: 'OPT_IN',
  hasOptOutOfAllRemoved: false,
  legalBasis: 'CONSENT_WITH_NOTICE',
  processingBasis: null,
  explanation: given.explanation,
  ...more,
});
/** A minute later: whoever was made before is among those whom the job is about. */
const later = (minutes: number) => room.setTime(new Date(start + minutes * 60_000));
const queueEdit = (id: string, more: Partial<BulkEdit> = {}, scope: number[] | null = null) =>
  room.queue({ id, kind: 'BULK_EDIT', input: edit(more), scope });
const statusOf = async (subscriberId: string, typeId = trailNotes.id) =>
  (await room.history(subscriberId)).subscriber.statuses[typeId]?.status ?? 'NOT_SPECIFIED';

describe('a bulk edit', () => {
  it('is previewed without a trace, waits for staff, and comes to what its preview said', async () => {
    const members = await room.crowd(1203);
    for (const [index, { subscriberId }] of members.entries()) {
      if (index % 100 === 1)
        await room.act(subscriberId, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
      if (index % 100 === 2)
        await room.act(subscriberId, actors.importer, { kind: 'OPT_OUT', typeId: trailNotes.id });
      if (index % 100 === 3)
        await room.act(subscriberId, actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });
    }
    later(1);
    await queueEdit('edit');
    expect(await room.work()).toMatchObject({ PREVIEWED: 1 });
    const previewed = await room.the('edit');
    expect(previewed).toMatchObject({ state: 'WAITING', total: 1203, done: 1203, chunks: 3 });
    expect(previewed.preview).toEqual({
      changed: 1203 - 13 - 12,
      unchanged: 12,
      refused: 13,
      byCode: { PREVIOUSLY_OPTED_OUT: 13 },
    });
    expect(await statusOf(members[0]?.subscriberId ?? '')).toBe('NOT_SPECIFIED');
    await room.confirm('edit');
    expect(await room.work()).toMatchObject({ DONE: 1 });
    const done = await room.the('edit');
    expect(done).toMatchObject({ state: 'DONE', done: 1203, counts: previewed.preview });
    const rows = await room.rows('edit');
    expect(rows.map(({ contactId }) => contactId)).toEqual(members.map(({ contactId }) => contactId));
    for (const [index, { subscriberId, contactId }] of members.entries()) {
      if (index > 103) break;
      const { events, subscriber } = await room.history(subscriberId);
      expect(await room.faults(subscriberId)).toEqual([]);
      const isRefused = index % 100 === 1;
      expect(subscriber.statuses[trailNotes.id]?.status).toBe(isRefused ? 'UNSUBSCRIBED' : 'SUBSCRIBED');
      expect(events.filter(({ actor }) => actor.ref === 'job:edit')).toHaveLength(
        isRefused || index % 100 === 3 ? 0 : 1,
      );
      const { facets } = (await room.stored(contactId)) ?? {};
      if (!isRefused && index % 100 !== 3)
        expect(facets).toContain(facet.status('EMAIL', trailNotes.id, 'SUBSCRIBED'));
    }
  });
});
