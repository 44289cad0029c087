/** Lanes: a long job never delays a short one. Also jobs of other releases, without a lane or of an unknown kind. */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { runDueJobs } from '../../src/jobs/engine.js';
import type { Stepper } from '../../src/jobs/engine.js';
import { steppersOf } from '../../src/jobs/registry.js';
import { noMetrics } from '../../src/metrics.js';
import { openBulkRoom } from '../support/bulk-room.js';

const room = await openBulkRoom();
afterEach(() => room.reset());

const picked = (...ids: string[]) => ({ selection: { kind: 'IDS' as const, ids } });
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await sleep(20);
};
const stateIs = (id: string, state: string) => async () => (await room.the(id)).state === state;

describe('a long bulk edit in progress', () => {
  it('lets a short job queued later be previewed, confirmed and done', async () => {
    const members = await room.crowd(1200);
    room.later(1);
    await room.queueEdit('long');
    expect(await room.work()).toMatchObject({ PREVIEWED: 1 });
    await room.confirm('long');

    const stopping = new AbortController();
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const steppers = new Map(steppersOf(room.jobs));
    const edit = steppers.get('BULK_EDIT');
    if (!edit) throw new Error('There are no bulk edits.');
    const held: Stepper = async (one) => {
      if (one.job._id === 'long' && one.job.cursor === 1) await gate;
      return edit(one);
    };
    const deps = { models: room.models, log: pino({ level: 'silent' }), metrics: noMetrics };
    const round = runDueJobs(
      { ...deps, steppers: steppers.set('BULK_EDIT', held) },
      { signal: stopping.signal },
    );
    await until(async () => (await room.the('long')).cursor === 1);

    await room.queueEdit('short', { ...picked(members[1100]?.contactId ?? ''), status: 'OPT_OUT' });
    await until(stateIs('short', 'WAITING'));
    await room.confirm('short');
    await until(stateIs('short', 'DONE'));
    expect(await room.statusOf(members[1100]?.subscriberId ?? '')).toBe('UNSUBSCRIBED');
    expect(await room.the('long')).toMatchObject({ state: 'RUNNING', cursor: 1, done: 500 });

    open();
    expect(await round).toMatchObject({ DONE: 2, LOST: 0 });
    expect(await room.the('long')).toMatchObject({ state: 'DONE', done: 1200 });
  });

  it('shares its lane with long jobs only: the known size of the selection decides', async () => {
    const laneOf = async (id: string) => (await room.the(id)).lane;
    await room.queueEdit('filter');
    await room.queueEdit('few', picked('one', 'two'));
    await room.queueEdit('many', picked(...Array.from({ length: 501 }, (_, at) => `c${at}`)));
    expect(await Promise.all(['filter', 'few', 'many'].map(laneOf))).toEqual(['LONG', 'SHORT', 'LONG']);
  });
});

describe('a job of another release', () => {
  it('without a lane, with its lease in an older field, continues at its checkpoint', async () => {
    await room.crowd(3);
    room.later(1);
    await room.queueEdit('old');
    await room.work();
    await room.confirm('old');
    const { jobs } = room.models;
    await jobs.collection.updateOne({ _id: 'old' as never }, [
      { $set: { state: 'RUNNING', leasedUntil: '$$NOW', attempts: 1 } },
      { $unset: 'lane' },
    ]);
    expect(await room.work()).toMatchObject({ DONE: 1 });
    expect(await room.the('old')).toMatchObject({ counts: { changed: 3 }, fence: 2 });
  });

  it('of an unknown kind is left alone', async () => {
    await room.queue({ id: 'new', kind: 'OF_TOMORROW', input: {} });
    expect(await room.work()).toMatchObject({ DONE: 0, RETRIED: 0, DEAD: 0 });
    expect(await room.the('new')).toMatchObject({ state: 'QUEUED', fence: 0, attempts: 0 });
  });
});
