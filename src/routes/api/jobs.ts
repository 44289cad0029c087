/** The API of jobs. A key sees and changes those of its business units. */
import { z } from 'zod';
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { kindOf } from '../../jobs/registry.js';
import { findChunk } from '../../models/job-chunk.js';
import {
  cancelJob,
  confirmJob,
  findJob,
  findJobs,
  retryJob,
  type Job,
  type JobCounts,
  type JobState,
} from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Answer, Handler } from './operation.js';

interface OneJob {
  params: { id: string };
}

const perPage = 100;
/** Where a page of rows begins. */
const rowPlace = z.object({ chunk: z.int().min(0) });
const ended: readonly JobState[] = ['DONE', 'DEAD', 'CANCELLED'];

export const showJobs: Handler<{
  query: { state?: JobState | undefined; before?: string | undefined };
}> = async (deps, { scope }, { query: { state, before } }) => {
  const place = cursorOrFault('before', before, timeAndId);
  const found = await findJobs(deps.models, {
    ...{ scope, limit: perPage + 1 },
    ...(state ? { state } : {}),
    ...(place ? { before: place } : {}),
  });
  const page = found.slice(0, perPage);
  const last = found.length > perPage ? page.at(-1) : undefined;
  return {
    body: {
      results: page.map(jobAnswer),
      before: last ? cursorText({ at: last.at, id: last._id }) : null,
    },
  };
};

/** @throws DomainError `NOT_FOUND` also for a job of units that the key does not reach */
export const showJob: Handler<OneJob> = async (deps, { scope }, { params }) => {
  return { body: jobAnswer(await jobOf(deps, params.id, scope)) };
};

/** The rows of one chunk. Those of a preview are only counted. */
export const showJobRows: Handler<OneJob & { query: { after?: string | undefined } }> = async (
  deps,
  { scope },
  { params: { id }, query },
) => {
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
};

/** Finished work stays done. Repeating it changes nothing. @throws DomainError `NOT_FOUND`, also for a job that staff could not cancel */
export const cancelJobByApi: Handler<OneJob> = async (deps, caller, { params }) => {
  return act(deps, caller, params.id, 'cancelled', () => cancelJob(deps.models, params.id, caller.scope));
};

/** Repeating it changes nothing. @throws DomainError `NOT_FOUND`, as for `cancelJobByApi` */
export const retryJobByApi: Handler<OneJob> = async (deps, caller, { params }) => {
  return act(deps, caller, params.id, 'retried', () => retryJob(deps.models, params.id, caller.scope));
};

/**
 * Repeating it changes nothing.
 * @throws DomainError `NOT_FOUND`; `WRONG_NUMBER` if the preview has another number; `CONFLICT` for a job that does not wait, and for one that staff
 *   asked for: it acts as staff, for whom other rules hold
 */
export const confirmJobByApi: Handler<OneJob & { body: { expected: number } }> = async (
  deps,
  caller,
  { params: { id }, body: { expected } },
) => {
  return act(deps, caller, id, 'confirmed', async (job) => {
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
  });
};

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

const noJob = () => new DomainError('NOT_FOUND', 'This job does not exist.');

async function jobOf({ models }: Deps, id: string, scope: Scope): Promise<Job> {
  const job = await findJob(models, id, scope);
  if (!job) throw noJob();
  return job;
}

export function jobAnswer({
  _id: id,
  kind,
  state,
  done,
  total,
  counts,
  preview,
  at,
  startedAt,
}: Job): object {
  const about = {
    id,
    kind,
    state,
    done,
    total,
    counts: countsOf(counts),
    preview: preview && countsOf(preview),
  };
  return { ...about, createdAt: at, startedAt };
}

function countsOf({ changed, unchanged, refused }: JobCounts): object {
  return { changed, unchanged, refused };
}
