/** The API of exports: ask for one, follow it, and read its file. */
import type { z } from 'zod';
import type { Deps } from '../../deps.js';
import { filterContext } from '../../domain/contacts/find.js';
import type { Export } from '../../domain/exports/contract.js';
import { allExports } from '../../domain/exports/registry.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { exportKindName, exportKinds } from '../../jobs/kinds/export.js';
import { wantedOf } from '../../jobs/kind.js';
import { findJobFile, readJobFile } from '../../models/job-file.js';
import { findJob, findJobs, queueJob } from '../../models/job.js';
import type { Job } from '../../models/job.js';
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import { faultSentence } from '../../vocabulary/fault-words.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Answer, Handler } from './operation.js';

/** @throws DomainError `NOT_FOUND` for another job, and for one outside the key's scope */
async function exportOf(deps: Deps, id: string, scope: Scope): Promise<Job> {
  const job = await findJob(deps.models, id, scope);
  if (!job || !exportKinds.some(({ name }) => name === job.kind)) throw new DomainError('NOT_FOUND');
  return job;
}

async function exportAnswer(deps: Deps, job: Job): Promise<object> {
  const file = await findJobFile(deps.models, job, deps.clock());
  return {
    ...{ id: job._id, state: job.state, rows: job.counts.changed, createdAt: job.at, endedAt: job.endedAt },
    file: file ? { bytes: file.length, expiresAt: file.expiresAt } : null,
  };
}

const answerOf = async (deps: Deps, job: Job): Promise<Answer> => ({ body: await exportAnswer(deps, job) });

const perPage = 50;

/** The exports within the key's business units, newest first. */
export const showExports: Handler<{ query: { before?: string | undefined } }> = async (
  deps,
  { scope },
  { query },
) => {
  const place = cursorOrFault('before', query.before, timeAndId);
  const kinds = exportKinds.map(({ name }) => name);
  const before = place ? { before: place } : {};
  const found = await findJobs(deps.models, { scope, kinds, ...before, limit: perPage + 1 });
  const jobs = found.slice(0, perPage);
  const last = found.length > perPage ? jobs.at(-1) : undefined;
  const results = await Promise.all(jobs.map((job) => exportAnswer(deps, job)));
  return { body: { results, before: last ? cursorText({ at: last.at, id: last._id }) : null } };
};

/**
 * Queues an export.
 * @throws DomainError `INVALID_FORM`, `UNKNOWN_UNIT`, `UNKNOWN_TYPE`
 */
export const askForExport: Handler<{ body: { export: Export['name'] }; callId: string }> = async (
  deps,
  { ref, scope },
  { body, callId: id },
) => {
  const { export: name, ...rest } = body;
  const of = allExports.find((one) => one.name === name);
  const kind = exportKinds.find((one) => of && one.name === exportKindName(of));
  const read = of?.input.safeParse(rest);
  if (!of || !kind || !read?.success) throw new DomainError('INVALID_FORM', faultIn(read?.error));
  const fault = of.fault(read.data, await filterContext(deps, scope));
  if (fault) throw new DomainError(fault);
  const { isNew } = await queueJob(deps, { id, ...wantedOf(kind, read.data), requestedBy: ref, scope });
  if (isNew) await recordAudit(deps, { kind: 'JOB_STARTED', by: ref, about: `job:${id}`, detail: kind.name });
  return answerOf(deps, await exportOf(deps, id, scope));
};

interface OneExport {
  params: { id: string };
}

/** The state of an export, and its file once it is done. @throws DomainError `NOT_FOUND` */
export const showExport: Handler<OneExport> = async (deps, { scope }, { params }) => {
  return answerOf(deps, await exportOf(deps, params.id, scope));
};

/** Sends the file. Each download is in the audit log. @throws DomainError `NOT_FOUND` */
export const sendExport: Handler<OneExport> = async (deps, { scope, ref }, { params }) => {
  const job = await exportOf(deps, params.id, scope);
  const kind = exportKinds.find(({ name }) => name === job.kind);
  const now = deps.clock();
  const file = await findJobFile(deps.models, job, now);
  if (!file || !kind?.file)
    throw new DomainError('NOT_FOUND', 'There is no file: it is not ready, or has expired.');
  await recordAudit(deps, { kind: 'EXPORTED', by: ref, about: `job:${job._id}`, detail: kind.label });
  const headers = { 'Content-Length': String(file.length) };
  return { stream: readJobFile(deps.models, file, now), type: kind.file(job.input, job).type, headers };
};

function faultIn(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  return issue ? faultSentence(issue.path.join('.'), issue.message) : 'The request could not be read.';
}
