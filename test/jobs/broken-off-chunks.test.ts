/** A bulk edit whose worker crashed in the middle of a chunk: it is done once, and its result is reported correctly. */
import { afterEach, describe, expect, it } from 'vitest';
import { chunkedStepper } from '../../src/jobs/chunked.js';
import { openBulkRoom } from '../support/bulk-room.js';
import { actors } from '../support/judge.js';
import { offers, trailNotes } from '../support/people.js';

const room = await openBulkRoom();
afterEach(() => room.reset());

it('one step of a selection freezes several chunks, and the next one goes on behind them', async () => {
  await room.queueEdit('edit');
  const job = await room.the('edit');
  const batches = Array.from({ length: 5 }, (_, at) => ({ ids: [`c${at}`], after: `k${at}` }));
  const step = chunkedStepper(room, {
    select: async function* (_, from) {
      yield* batches.filter(({ after }) => after > (from ?? ''));
    },
    run: async () => [],
  });
  const { progress } = await step({ job, isHeld: () => true });
  expect(progress).toEqual({ cursor: 5, done: 5, place: 'k4' });
  const frozen = await room.models.jobChunks.find({}).sort({ _id: 1 }).lean();
  expect(frozen.flatMap(({ ids }) => ids)).toEqual(batches.flatMap(({ ids }) => ids));
  const { progress: next } = await step({
    job: { ...job, cursor: 5, done: 5, place: 'k4' },
    isHeld: () => true,
  });
  expect(next).toMatchObject({ phase: 'RUN', chunks: 5, total: 5, cursor: 0 });
});

describe('a chunk that was interrupted', () => {
  it('is done once: finished writes count as changed, whatever the contact decided since', async () => {
    const members = await room.crowd(6);
    const [refused, left, plain] = members.map(({ subscriberId }) => subscriberId);
    await room.act(refused ?? '', actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(1);
    await room.queueEdit('edit', { typeIds: [trailNotes.id, offers.id] });
    await room.work();
    await room.confirm('edit');
    const confirmed = await room.models.jobs.findById('edit').lean();
    const [frozen] = await room.models.jobChunks.find({}).lean();
    await room.work();
    const [rows, { counts }] = [await room.rows('edit'), await room.the('edit')];
    // The state after a worker crashed between its writes and its report. One contact is deleted, another's events are archived.
    await room.models.jobs.replaceOne({ _id: 'edit' }, confirmed ?? {});
    await room.models.jobChunks.replaceOne({ _id: frozen?._id ?? '' }, { ...frozen, state: 'BEGUN' });
    room.later(2);
    await room.act(left ?? '', actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    for (let turn = 0; turn < 60; turn++)
      await room.act(plain ?? '', actors.freshContact, {
        kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT',
        typeId: offers.id,
      });
    expect(await room.work()).toMatchObject({ DONE: 1 });
    expect(await room.rows('edit')).toEqual(rows);
    expect((await room.the('edit')).counts).toEqual(counts);
    expect(counts).toEqual({ changed: 6, unchanged: 0, refused: 0, byCode: { PREVIOUSLY_OPTED_OUT: 1 } });
    expect(await room.statusOf(left ?? '')).toBe('UNSUBSCRIBED');
    for (const { subscriberId } of members) {
      const own = (await room.history(subscriberId)).events.filter(({ actor }) => actor.ref === 'job:edit');
      expect(own).toHaveLength(subscriberId === refused ? 1 : 2);
      expect(await room.faults(subscriberId)).toEqual([]);
    }
  });

  it('is not completed by a worker that has lost the job', async () => {
    await room.crowd(3);
    room.later(1);
    await room.queueEdit('edit');
    await room.work();
    await room.confirm('edit');
    const thief = room.models.jobChunks.collection.updateOne.bind(room.models.jobChunks.collection);
    const { collection } = room.models.jobChunks;
    let isFirst = true;
    collection.updateOne = async (...given_) => {
      const answer = await thief(...given_);
      if (isFirst) {
        isFirst = false;
        await room.models.jobs.updateOne({ _id: 'edit' }, { $set: { dueAt: new Date(0) } });
        expect(await room.work()).toMatchObject({ DONE: 1 });
      }
      return answer;
    };
    expect(await room.work()).toMatchObject({ LOST: 1 });
    collection.updateOne = thief;
    expect((await room.the('edit')).counts).toEqual({ changed: 3, unchanged: 0, refused: 0, byCode: {} });
  });
});
