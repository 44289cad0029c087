/** The job engine against a real database: one worker at a time, and no write by a worker that lost its job. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/errors.js';
import { jobBackOffMs, JobLost } from '../../src/jobs/engine.js';
import type { Stepper } from '../../src/jobs/engine.js';
import { checkpoint, writeRunning } from '../../src/models/job-lease.js';
import { queuedAgain } from '../../src/models/queue.js';
import { atOnce, countingTo, openJobRoom, quietRound } from '../support/job-room.js';
import { stall } from '../support/stall.js';

const room = await openJobRoom();
afterEach(() => room.models.jobs.deleteMany({}));

describe('queueing a job', () => {
  it('twice by a double press makes one job without an error', async () => {
    expect(await room.queue('once')).toEqual({ isNew: true });
    const others = await Promise.all(Array.from({ length: 20 }, () => room.queue('once')));
    expect(others).toEqual(others.map(() => ({ isNew: false })));
    expect(await room.models.jobs.countDocuments({})).toBe(1);
  });

  it('again while it runs or after it is done does not repeat it', async () => {
    let steps = 0;
    await room.queue('once');
    await room.work(countingTo(1, () => ((steps += 1), room.queue('once'))));
    await room.queue('once');
    expect(await room.work(atOnce)).toEqual(quietRound);
    expect(steps).toBe(1);
  });
});

describe('the lease of a job', () => {
  it('gives each of many jobs to one of many workers', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `job-${index}`);
    for (const id of ids) await room.queue(id);
    const worked: string[] = [];
    const step: Stepper = async ({ job }) => {
      worked.push(job._id);
      await sleep(5);
      return { progress: {}, then: 'END' };
    };
    const rounds = await Promise.all([room.work(step), room.work(step), room.work(step), room.work(step)]);
    expect(worked.sort()).toEqual([...ids].sort());
    expect(rounds.reduce((sum, { DONE }) => sum + DONE, 0)).toBe(40);
  });

  it('goes to the job due longest, and never to one not yet due', async () => {
    await room.queue('tomorrow', {}, new Date(Date.now() + 60_000));
    await room.queue('second');
    await room.queue('first', {}, new Date(Date.now() - 60_000));
    const order: string[] = [];
    await room.work(async ({ job }) => {
      order.push(job._id);
      return { progress: {}, then: 'END' };
    });
    expect(order).toEqual(['first', 'second']);
  });

  it('is kept by a heartbeat through a step longer than the lease', async () => {
    await room.queue('slow');
    const slow = room.work(
      countingTo(1, () => sleep(1200)),
      { leaseMs: 300 },
    );
    await sleep(600);
    expect(await room.work(atOnce)).toEqual(quietRound);
    expect(await slow).toEqual({ ...quietRound, DONE: 1 });
    expect(await room.the('slow')).toMatchObject({ fence: 1, state: 'DONE', lastError: null });
  });

  it('passes to another worker, at the last checkpoint, after a crash', async () => {
    await room.queue('orphan');
    const dead = await room.lease(200);
    expect(await writeRunning(room.models.jobs, dead, checkpoint({ cursor: 3, done: 3 }, 200))).toBe(true);
    const steps: number[] = [];
    expect(await room.work(countingTo(5, (cursor) => steps.push(cursor)))).toEqual(quietRound);
    await sleep(250);
    expect(await room.work(countingTo(5, (cursor) => steps.push(cursor)))).toEqual({
      ...quietRound,
      DONE: 1,
    });
    expect(steps).toEqual([3, 4]);
  });
});

describe('the fence of a job', () => {
  it('stops a worker that overslept its lease from writing anything, also a failure', async () => {
    await room.queue('taken');
    const sleeper = await room.lease(0);
    const taker = await room.lease(5000);
    expect(await writeRunning(room.models.jobs, sleeper, checkpoint({ cursor: 99 }, 5000))).toBe(false);
    expect(
      await writeRunning(room.models.jobs, sleeper, queuedAgain({ delayMs: 0, attempts: 0, reason: 'late' })),
    ).toBe(false);
    expect(await writeRunning(room.models.jobs, taker, checkpoint({ cursor: 1 }, 5000))).toBe(true);
    expect(await room.the('taken')).toMatchObject({ cursor: 1, state: 'RUNNING', fence: 2, lastError: null });
  });

  it('is checked before each step is recorded: a job taken over counts for the new worker only', async () => {
    await room.queue('raced');
    const thief: Stepper = async ({ job, isHeld }) => {
      await room.models.jobs.updateOne({ _id: job._id }, { $set: { dueAt: new Date(0) } });
      expect(await room.work(countingTo(3))).toEqual({ ...quietRound, DONE: 1 });
      expect(isHeld()).toBe(true);
      return { progress: { cursor: 77, done: 77 }, then: 'GO_ON' };
    };
    expect(await room.work(thief)).toEqual({ ...quietRound, LOST: 1 });
    expect(await room.the('raced')).toMatchObject({ cursor: 3, done: 3, state: 'DONE' });
  });

  it('keeps the step of a process that stalled beyond its lease, if no other worker has begun', async () => {
    await room.queue('cut off');
    let wasHeld: boolean | undefined;
    const once = new AbortController();
    const cutOff: Stepper = async ({ isHeld }) => {
      stall(400);
      wasHeld = isHeld();
      once.abort();
      return { progress: { cursor: 1 }, then: 'GO_ON' };
    };
    expect(await room.work(cutOff, { leaseMs: 300, signal: once.signal })).toEqual({
      ...quietRound,
      LET_GO: 1,
    });
    expect(wasHeld).toBe(false);
    expect(await room.the('cut off')).toMatchObject({ cursor: 1, state: 'QUEUED' });
  });

  it('puts a job back whose worker is always too slow for the lease, without counting attempts', async () => {
    await room.queue('slow');
    const slow: Stepper = async ({ isHeld }) => {
      stall(150);
      if (!isHeld()) throw new JobLost();
      return { progress: {}, then: 'END' };
    };
    for (let attempt = 0; attempt < jobBackOffMs.length + 3; attempt++) {
      expect(await room.work(slow, { leaseMs: 100 })).toEqual({ ...quietRound, RETRIED: 1 });
      expect(await room.the('slow')).toMatchObject({
        ...{ state: 'QUEUED', attempts: 0, lastError: 'the lease ended before the step did' },
      });
      await room.makeDue();
    }
    expect(await room.work(slow)).toEqual({ ...quietRound, DONE: 1 });
  });
});

describe('a fault in a job', () => {
  it('is retried with growing delays, and marks the job dead after the last attempt, with its reason', async () => {
    await room.queue('poison');
    const attempt = async () => {
      await room.makeDue();
      const once = new AbortController();
      const failing: Stepper = async () => {
        once.abort();
        throw new TypeError('cannot read the name of ann@example.com');
      };
      return room.work(failing, { signal: once.signal });
    };
    for (const [index, delayMs] of jobBackOffMs.entries()) {
      const before = Date.now();
      expect(await attempt()).toEqual({ ...quietRound, RETRIED: 1 });
      const job = await room.the('poison');
      expect(job).toMatchObject({ state: 'QUEUED', attempts: index + 1 });
      expect(job.dueAt.getTime()).toBeGreaterThanOrEqual(before + delayMs - 100);
    }
    expect(await attempt()).toEqual({ ...quietRound, DEAD: 1 });
    const dead = await room.the('poison');
    expect(dead).toMatchObject({ state: 'DEAD', lastError: 'TypeError: cannot read the name of [address]' });
    expect(dead.endedAt).toBeInstanceOf(Date);
    expect(await attempt()).toEqual(quietRound);
  });

  it('that crashes its worker each time marks the job dead in the end', async () => {
    await room.queue('deadly');
    for (let death = 0; death <= jobBackOffMs.length; death++) await room.lease(0);
    expect(await room.work(atOnce)).toEqual({ ...quietRound, DEAD: 1 });
    expect(await room.the('deadly')).toMatchObject({
      state: 'DEAD',
      lastError: 'the worker stopped during every attempt',
    });
  });

  it('from an unavailable database counts no attempt, and the job waits', async () => {
    await room.queue('patient');
    const away: Stepper = async () => {
      throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.');
    };
    expect(await room.work(away)).toEqual({ ...quietRound, RETRIED: 1 });
    expect(await room.the('patient')).toMatchObject({ state: 'QUEUED', attempts: 0 });
  });

  it('starts with new attempts after every step that makes progress', async () => {
    await room.queue('limping');
    const limping: Stepper = async (held) => {
      // Each lease completes one step, and fails at the second.
      if (held.job.cursor === held.job.fence) throw new Error('again');
      return countingTo(20)(held);
    };
    for (let attempt = 0; attempt < 19; attempt++) {
      expect(await room.work(limping)).toEqual({ ...quietRound, RETRIED: 1 });
      await room.makeDue();
    }
    expect(await room.work(limping)).toEqual({ ...quietRound, DONE: 1 });
    expect(await room.the('limping')).toMatchObject({ state: 'DONE', cursor: 20 });
  });

  it('of a job that another worker has taken over leaves the job alone', async () => {
    await room.queue('gone');
    const lost: Stepper = async ({ job }) => {
      await room.models.jobs.updateOne({ _id: job._id }, { $set: { dueAt: new Date(0) } });
      await room.lease(5000);
      throw new JobLost('a chunk is another’s');
    };
    expect(await room.work(lost)).toEqual({ ...quietRound, LOST: 1 });
    expect(await room.the('gone')).toMatchObject({ state: 'RUNNING', fence: 2, lastError: null });
  });
});

describe('sharing workers between jobs', () => {
  it('a stop lets the current step finish, and another worker continues at once', async () => {
    await room.queue('handed on');
    const stopping = new AbortController();
    const step = countingTo(4, (cursor) => {
      if (cursor === 1) stopping.abort();
    });
    expect(await room.work(step, { signal: stopping.signal })).toEqual({ ...quietRound, LET_GO: 1 });
    expect(await room.the('handed on')).toMatchObject({ state: 'QUEUED', cursor: 2, attempts: 0 });
    const steps: number[] = [];
    expect(await room.work(countingTo(4, (cursor) => steps.push(cursor)))).toEqual({
      ...quietRound,
      DONE: 1,
    });
    expect(steps).toEqual([2, 3]);
  });

  it('a long job gives other due jobs a turn', async () => {
    await room.queue('long');
    await room.queue('short');
    const order: string[] = [];
    const step: Stepper = async (held) => {
      if (order.at(-1) !== held.job._id) order.push(held.job._id);
      await sleep(2);
      return held.job._id === 'short' ? atOnce(held) : countingTo(30)(held);
    };
    await room.work(step, { turnMs: 20 });
    expect(order.slice(0, 3)).toEqual(['long', 'short', 'long']);
    expect(await room.the('long')).toMatchObject({ state: 'DONE', cursor: 30 });
  });
});
