/** Declares the API of jobs: what they do, their rows, and the acts that staff have on their pages. */
import { z } from 'zod';
import { jobStates } from '../../../models/job.js';
import { operation } from '../operation.js';
import { idParams, time } from '../schemas.js';

const count = z.int().min(0);
const counts = z.strictObject({ changed: count, unchanged: count, refused: count });
export const job = z
  .strictObject({
    ...{ id: z.string(), kind: z.string(), state: z.enum(jobStates), done: count, total: count.nullable() },
    counts,
    preview: counts.nullable().meta({
      description: 'What it would do, of a job that is previewed. It waits for a confirmation then.',
    }),
    ...{ createdAt: time, startedAt: time.nullable() },
  })
  .meta({ id: 'Job' });
const row = z
  .strictObject({
    contactId: z.string().nullable(),
    outcomes: z.array(z.string()).meta({
      description: '`CHANGED`, `PENDING`, `NO_CHANGE`, or why it was refused. One for each change.',
    }),
  })
  .meta({ id: 'JobRow' });

const path = '/api/v1/jobs' as const;
const reads = { tag: 'Jobs', scopes: ['contacts.read'] } as const;
const acts = { tag: 'Jobs', scopes: ['contacts.write', 'statuses.write'], method: 'POST' } as const;

export const jobOperations = [
  operation({
    ...{ ...reads, id: 'getJobs', method: 'GET', path },
    summary: 'Read the jobs of the key’s business units, newest first',
    query: z.strictObject({
      state: z.enum(jobStates).optional(),
      before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(job),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../jobs.js')).showJobs,
  }),
  operation({
    ...{ ...reads, id: 'getJob', method: 'GET', path: `${path}/:id` },
    summary: 'Read the state and the counts of a job',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../jobs.js')).showJob,
  }),
  operation({
    ...{ ...reads, id: 'getJobRows', method: 'GET', path: `${path}/:id/rows` },
    scopes: ['contacts.read', 'statuses.read'],
    summary: 'Read what a job did for each contact',
    description: 'While the job runs, the rows so far. Ask again with the same cursor for those that follow.',
    params: idParams,
    query: z.strictObject({
      after: z.string().max(2000).optional().meta({ description: '`after` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(row),
        after: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../jobs.js')).showJobRows,
  }),
  operation({
    ...{ ...acts, id: 'confirmJob', path: `${path}/:id/confirmations` },
    summary: 'Confirm a job that waits after its preview',
    description:
      'Only a job that an API key asked for. Anyone who opts out in the meantime stays opted out. Repeating it changes nothing.',
    params: idParams,
    body: z
      .strictObject({ expected: count.meta({ description: '`preview.changed` of the job.' }) })
      .meta({ id: 'JobConfirmation' }),
    answers: { 200: job },
    faults: [409],
    load: async () => (await import('../jobs.js')).confirmJobByApi,
  }),
  operation({
    ...{ ...acts, id: 'cancelJob', path: `${path}/:id/cancellations` },
    summary: 'Cancel a job',
    description: 'What it has done stays done. Repeating it changes nothing.',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../jobs.js')).cancelJobByApi,
  }),
  operation({
    ...{ ...acts, id: 'retryJob', path: `${path}/:id/retries` },
    summary: 'Try a job again that has failed too often',
    description: 'It goes on where it stopped. For a job in another state, nothing changes.',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../jobs.js')).retryJobByApi,
  }),
];
