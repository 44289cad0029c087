/** Declares the API of jobs: what they do, their rows, and the acts that staff have on their pages. */
import { z } from 'zod';
import { cursorOrFault, cursorText, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { kindOf } from '../../../jobs/registry.js';
import { findChunk } from '../../../models/job-chunk.js';
import {
  jobStates,
  cancelJob,
  confirmJob,
  findJob,
  findJobs,
  retryJob,
  type Job,
  type JobCounts,
  type JobState,
} from '../../../models/job.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { operation, type Answer } from '../operation.js';
import { idParams, time, beforeQuery, nextBefore } from '../schemas.js';

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

const perPage = 100;
/** Where a page of rows begins. */
const rowPlace = z.object({ chunk: z.int().min(0) });
const ended: readonly JobState[] = ['DONE', 'DEAD', 'CANCELLED'];

const noJob = () => new DomainError('NOT_FOUND', 'This job does not exist.');

export const jobOperations = [
  operation({
    ...{ ...reads, id: 'getJobs', method: 'GET', path },
    summary: 'Read the jobs of the key’s business units, newest first',
    query: beforeQuery.extend({ state: z.enum(jobStates).optional() }),
    answers: { 200: z.strictObject({ results: z.array(job), before: nextBefore }) },
    run: async (deps, { scope }, { query: { state, before } }) => {
      const found = await findJobs(deps.models, {
        ...{ scope, before: cursorOrFault('before', before, timeAndId), limit: perPage + 1 },
        ...(state ? { state } : {}),
      });
      const { page, next } = pageIn(found, perPage, placeInTime);
      return { body: { results: page.map(jobAnswer), before: next } };
    },
  }),
  operation({
    ...{ ...reads, id: 'getJob', method: 'GET', path: `${path}/:id` },
    summary: 'Read the state and the counts of a job',
    params: idParams,
    answers: { 200: job },
    /** @throws DomainError `NOT_FOUND` also for a job of units that the key does not reach */
    run: async (deps, { scope }, { params }) => ({ body: jobAnswer(await jobOf(deps, params.id, scope)) }),
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
    /** The rows of one chunk. Those of a preview are only counted. */
    run: async (deps, { scope }, { params: { id }, query }) => {
      const job = await jobOf(deps, id, scope);
      const { chunk: index } = cursorOrFault('after', query.after, rowPlace) ?? { chunk: 0 };
      const chunk = job.phase === 'RUN' ? await findChunk(deps.models, id, index) : null;
      const isDone = chunk?.state === 'DONE';
      const next = isDone ? index + 1 : index;
      const isLast = ended.includes(job.state) && (!isDone || next >= (job.chunks ?? 0));
      const rows = isDone ? chunk.rows : [];
      return {
        body: {
          results: rows.map(({ contactId, outcomes }) => ({ contactId, outcomes })),
          after: isLast ? null : cursorText({ chunk: next }),
        },
      };
    },
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
    /**
     * Repeating it changes nothing.
     * @throws DomainError `NOT_FOUND`; `WRONG_NUMBER` if the preview has another number; `CONFLICT` for a job that does not wait, and for one that staff
     *   asked for: it acts as staff, for whom other rules hold
     */
    run: async (deps, caller, { params: { id }, body: { expected } }) =>
      act(deps, caller, id, 'confirmed', async (job) => {
        if (!job.requestedBy?.startsWith('key:'))
          throw new DomainError('CONFLICT', 'Staff asked for this job, so staff confirm it.');
        if (job.confirmedAt) return job;
        if (job.state !== 'WAITING')
          throw new DomainError('CONFLICT', 'This job does not wait for a confirmation.');
        if (job.preview?.changed !== expected)
          throw new DomainError(
            'WRONG_NUMBER',
            `body.expected is not the number in the preview, which is ${job.preview?.changed ?? 0}.`,
          );
        return confirmJob(deps, id, caller.scope);
      }),
  }),
  operation({
    ...{ ...acts, id: 'cancelJob', path: `${path}/:id/cancellations` },
    summary: 'Cancel a job',
    description: 'What it has done stays done. Repeating it changes nothing.',
    params: idParams,
    answers: { 200: job },
    /** @throws DomainError `NOT_FOUND`, also for a job that staff could not cancel */
    run: async (deps, caller, { params }) =>
      act(deps, caller, params.id, 'cancelled', () => cancelJob(deps.models, params.id, caller.scope)),
  }),
  operation({
    ...{ ...acts, id: 'retryJob', path: `${path}/:id/retries` },
    summary: 'Try a job again that has failed too often',
    description: 'It goes on where it stopped. For a job in another state, nothing changes.',
    params: idParams,
    answers: { 200: job },
    /** @throws DomainError `NOT_FOUND`, also for a job that staff could not retry */
    run: async (deps, caller, { params }) =>
      act(deps, caller, params.id, 'retried', () => retryJob(deps.models, params.id, caller.scope)),
  }),
];

async function act(
  deps: Deps,
  { scope, ref: by }: ApiCaller,
  id: string,
  detail: string,
  change: (job: Job) => Promise<Job | null>,
): Promise<Answer> {
  const job = await jobOf(deps, id, scope);
  const now = kindOf(job)?.permission ? await change(job) : null;
  if (!now) throw noJob();
  if (now.state !== job.state)
    await recordAudit(deps, { kind: 'JOB_CHANGED', by, about: `job:${id}`, detail });
  return { body: jobAnswer(now) };
}

async function jobOf({ models }: Deps, id: string, scope: Scope): Promise<Job> {
  const job = await findJob(models, id, scope);
  if (!job) throw noJob();
  return job;
}

export function jobAnswer(job: Job): object {
  const { _id: id, kind, state, done, total, counts, preview, at: createdAt, startedAt } = job;
  const about = { id, kind, state, done, total, createdAt, startedAt };
  return { ...about, counts: countsOf(counts), preview: preview && countsOf(preview) };
}

function countsOf({ changed, unchanged, refused }: JobCounts): object {
  return { changed, unchanged, refused };
}
