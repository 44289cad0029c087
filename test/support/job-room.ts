/** A room for jobs: a database of its own, workers that do whatever a test says, and the jobs themselves to look at. */
import pino from 'pino';
import { runDueJobs } from '../../src/jobs/engine.js';
import type { EngineOptions, JobRoundCounts, Stepper } from '../../src/jobs/engine.js';
import { noMetrics } from '../../src/metrics.js';
import { createModels } from '../../src/models/index.js';
import type { Models } from '../../src/models/index.js';
import { findJob, queueJob } from '../../src/models/job.js';
import type { Job, WantedJob } from '../../src/models/job.js';
import { openTestDatabase } from './connection.js';

export interface JobRoom {
  models: Models;
  /** Queues one; `at` is when it becomes due. */
  queue: (id: string, more?: Partial<WantedJob>, at?: Date) => Promise<{ isNew: boolean }>;
  /** A worker's round, in which every kind of job does the same. */
  work: (step: Stepper, options?: EngineOptions) => Promise<JobRoundCounts>;
  the: (id: string) => Promise<Job>;
  close: () => Promise<void>;
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
  const database = await openTestDatabase();
  const models = createModels(database.connection);
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
          steppers: { BULK_EDIT: step, SEND_LINKS: step, PUT_RIGHT: step, REFRESH_CONTACTS: step },
          log: pino({ level: 'silent' }),
          metrics: noMetrics,
        },
        options,
      ),
    async the(id) {
      const job = await findJob(models, id, null);
      if (!job) throw new Error('There is no such job.');
      return job;
    },
    close: () => database.close(),
  };
}

/** A job of so many steps; tells each as it begins. */
export function countingTo(most: number, onStep: (cursor: number) => unknown = () => undefined): Stepper {
  return async ({ job }) => {
    await onStep(job.cursor);
    const cursor = job.cursor + 1;
    return { progress: { cursor, done: cursor }, then: cursor < most ? 'GO_ON' : 'END' };
  };
}

/** A job of one step. */
export const atOnce: Stepper = async () => ({ progress: {}, then: 'END' });

/** Long after any back-off, so that what waits counts as due. */
export const later = () => new Date(Date.now() + 86_400_000);
