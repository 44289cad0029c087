/** Setup for jobs: its own database, workers that do what a test says, and access to the jobs themselves. */
import pino from 'pino';
import { runDueJobs } from '../../src/jobs/engine.js';
import { jobKinds } from '../../src/jobs/registry.js';
import type { EngineOptions, JobRoundCounts, Stepper } from '../../src/jobs/engine.js';
import { noMetrics } from '../../src/metrics.js';
import type { Models } from '../../src/models/index.js';
import { inLane, leaseJob } from '../../src/models/job-lease.js';
import { findJob, queueJob } from '../../src/models/job.js';
import type { Job, WantedJob } from '../../src/models/job.js';
import { openTestDatabase } from './connection.js';

export interface JobRoom {
  models: Models;
  /** Queues a job; `at` is when it becomes due. */
  queue: (id: string, more?: Partial<WantedJob>, at?: Date) => Promise<{ isNew: boolean }>;
  /** A worker's round in which every kind of job does the same. */
  work: (step: Stepper, options?: EngineOptions) => Promise<JobRoundCounts>;
  /** A worker's first step: leases the long job that has been due longest. */
  lease: (leaseMs: number) => Promise<Job>;
  /** Makes every queued job due. */
  makeDue: () => Promise<void>;
  the: (id: string) => Promise<Job>;
}

export const quietRound: JobRoundCounts = {
  DONE: 0,
  PREVIEWED: 0,
  RETRIED: 0,
  DEAD: 0,
  LOST: 0,
  LET_GO: 0,
};

export async function openJobRoom(): Promise<JobRoom> {
  const { models } = await openTestDatabase();
  await models.jobs.createIndexes();
  return {
    models,
    queue: (id, more = {}, at = new Date()) =>
      queueJob(
        { models, clock: () => at },
        { id, kind: 'REFRESH_CONTACTS', input: {}, scope: null, ...more },
      ),
    work: (step, options = {}) =>
      runDueJobs(
        {
          models,
          steppers: new Map(jobKinds.map(({ name }) => [name, step])),
          log: pino({ level: 'silent' }),
          metrics: noMetrics,
        },
        options,
      ),
    async lease(leaseMs) {
      const which = inLane('LONG', ['REFRESH_CONTACTS']);
      const job = await leaseJob(models.jobs, which, { now: new Date(), leaseMs });
      if (!job) throw new Error('There is nothing to lease.');
      return job;
    },
    makeDue: () => makeDue(models),
    async the(id) {
      const job = await findJob(models, id, null);
      if (!job) throw new Error('There is no such job.');
      return job;
    },
  };
}

/** A job with this many steps, which calls back as each begins. */
export function countingTo(most: number, onStep: (cursor: number) => unknown = () => undefined): Stepper {
  return async ({ job }) => {
    await onStep(job.cursor);
    const cursor = job.cursor + 1;
    return { progress: { cursor, done: cursor }, then: cursor < most ? 'GO_ON' : 'END' };
  };
}

/** A job of one step. */
export const atOnce: Stepper = async () => ({ progress: {}, then: 'END' });

/** Makes every queued job due. A job held by a worker stays with it. */
export async function makeDue({ jobs }: Pick<Models, 'jobs'>): Promise<void> {
  await jobs.updateMany({ state: 'QUEUED' }, { $set: { dueAt: new Date(0) } });
}
