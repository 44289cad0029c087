/** What staff may do with jobs: read a preview, confirm, cancel and retry, within their scope. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Stepper } from '../../src/jobs/engine.js';
import { jobRows } from '../../src/models/job-chunk.js';
import { cancelJob, confirmJob, findJob, findJobs, retryJob } from '../../src/models/job.js';
import { atOnce, countingTo, openJobRoom, quietRound } from '../support/job-room.js';

const clock = () => new Date();
const room = await openJobRoom();
afterEach(() => room.models.jobs.deleteMany({}));

describe('staff on the pages of jobs', () => {
  const preview: Stepper = async ({ job }) =>
    job.phase === 'RUN'
      ? { progress: { cursor: 1, done: 8 }, then: 'END' }
      : { progress: { phase: 'PREVIEW', cursor: 4, total: 8, done: 8 }, then: 'WAIT' };

  it('preview a job before it runs; confirming twice runs it once', async () => {
    await room.queue('edit', { kind: 'BULK_EDIT', requestedBy: 'user-1' });
    expect(await room.work(preview)).toEqual({ ...quietRound, PREVIEWED: 1 });
    expect(await room.the('edit')).toMatchObject({ state: 'WAITING', confirmedAt: null, endedAt: null });
    expect(await room.work(preview)).toEqual(quietRound);
    const confirmed = await Promise.all(
      [1, 2, 3].map(() => confirmJob({ models: room.models, clock }, 'edit', null)),
    );
    expect(confirmed[0]).toMatchObject({ state: 'QUEUED', phase: 'RUN', cursor: 0, done: 0 });
    expect(await room.work(preview)).toEqual({ ...quietRound, DONE: 1 });
    const at = (await room.the('edit')).confirmedAt;
    expect(await confirmJob({ models: room.models, clock }, 'edit', null)).toMatchObject({
      state: 'DONE',
      confirmedAt: at,
    });
    expect(await room.work(preview)).toEqual(quietRound);
  });

  it('cancel a running job: its worker stops before the next step', async () => {
    await room.queue('cancelled');
    const steps: number[] = [];
    const step = countingTo(100, async (cursor) => {
      steps.push(cursor);
      if (cursor === 2)
        expect(await cancelJob(room.models, 'cancelled', null)).toMatchObject({ state: 'CANCELLED' });
    });
    expect(await room.work(step)).toEqual({ ...quietRound, LOST: 1 });
    expect(steps).toEqual([0, 1, 2]);
    expect(await room.the('cancelled')).toMatchObject({ state: 'CANCELLED', cursor: 2 });
    await room.makeDue();
    expect(await room.work(step)).toEqual(quietRound);
    expect(await retryJob(room.models, 'cancelled', null)).toMatchObject({ state: 'CANCELLED' });
  });

  it('change nothing when they cancel a finished job', async () => {
    await room.queue('done');
    await room.work(atOnce);
    expect(await cancelJob(room.models, 'done', null)).toMatchObject({ state: 'DONE' });
  });

  it('retry a dead job from where it stopped, and only a dead one', async () => {
    await room.queue('dead');
    expect(await retryJob(room.models, 'dead', null)).toMatchObject({ state: 'QUEUED', fence: 0 });
    await room.models.jobs.updateOne({ _id: 'dead' }, { $set: { state: 'DEAD', attempts: 7, cursor: 2 } });
    expect(await retryJob(room.models, 'dead', null)).toMatchObject({
      state: 'QUEUED',
      attempts: 0,
      cursor: 2,
    });
    expect(await room.work(countingTo(3))).toEqual({ ...quietRound, DONE: 1 });
  });

  it('limited to some units see and act on only jobs within those units', async () => {
    await room.queue('all');
    await room.queue('north', { scope: [1, 2] });
    await room.queue('wide', { scope: [1, 3] });
    const seen = async (scope: readonly number[] | null) =>
      (await findJobs(room.models, { scope, limit: 10 })).map(({ _id }) => _id).sort();
    expect(await seen(null)).toEqual(['all', 'north', 'wide']);
    expect(await seen([1, 2])).toEqual(['north']);
    expect(await seen([1, 2, 3])).toEqual(['north', 'wide']);
    expect(await seen([])).toEqual([]);
    for (const act of [cancelJob, retryJob, findJob])
      expect(await act(room.models, 'all', [1, 2])).toBeNull();
    expect(await confirmJob({ models: room.models, clock }, 'wide', [1, 2])).toBeNull();
    expect((await room.the('all')).state).toBe('QUEUED');
  });

  it('page through the jobs, newest first, by state and by kind', async () => {
    for (let index = 0; index < 5; index++)
      await room.queue(`${index}`, {}, new Date(1_700_000_000_000 + Math.floor(index / 2)));
    await room.queue('edit', { kind: 'BULK_EDIT' });
    const listed: string[] = [];
    for (let page = await findJobs(room.models, { scope: null, limit: 2 }); page.length > 0;) {
      listed.push(...page.map(({ _id }) => _id));
      const last = page.at(-1);
      page = last
        ? await findJobs(room.models, { scope: null, limit: 2, before: { at: last.at, id: last._id } })
        : [];
    }
    expect(listed).toEqual(['edit', '4', '3', '2', '1', '0']);
    const edits = await findJobs(room.models, {
      scope: null,
      kinds: ['BULK_EDIT'],
      state: 'QUEUED',
      limit: 5,
    });
    expect(edits.map(({ _id }) => _id)).toEqual(['edit']);
    expect(await findJobs(room.models, { scope: null, state: 'DEAD', limit: 5 })).toEqual([]);
  });

  it('a job without chunks has no rows', async () => {
    expect(await jobRows(room.models, 'nothing').next()).toMatchObject({ done: true });
  });
});
