/** Declares the API of exports. */
import { z } from 'zod';
import { cursorOrFault, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { allExports } from '../../../domain/exports/registry.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { wantedOf } from '../../../jobs/kind.js';
import { exportKindName, exportKinds } from '../../../jobs/kinds/export.js';
import { findJobFile, readJobFile } from '../../../models/job-file.js';
import { jobStates, findJob, findJobs, queueJob, type Job } from '../../../models/job.js';
import { faultSentence } from '../../../vocabulary/fault-words.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { operation, type Answer } from '../operation.js';
import { idParams, time, beforeQuery, nextBefore } from '../schemas.js';

const exportBody = z
  .looseObject({ export: z.enum(allExports.map(({ name }) => name)) })
  .meta({ id: 'ExportRequest', description: 'The export and its own choices.' });

const exportAnswer = z
  .strictObject({
    ...{ id: z.string(), state: z.enum(jobStates), rows: z.int(), createdAt: time, endedAt: time.nullable() },
    file: z.strictObject({ bytes: z.int(), expiresAt: time }).nullable(),
  })
  .meta({ id: 'Export' });

const about = { tag: 'Exports', scopes: ['exports'] } as const;

const answerOf = async (deps: Deps, job: Job): Promise<Answer> => ({ body: await shown(deps, job) });

const perPage = 50;

export const exportOperations = [
  operation({
    ...{ ...about, id: 'startExport', method: 'POST', path: '/api/v1/exports' },
    summary: 'Ask for an export; a job makes its file',
    body: exportBody,
    answers: { 202: exportAnswer },
    faults: [404],
    /** @throws DomainError `INVALID_FORM`, `UNKNOWN_UNIT`, `UNKNOWN_TYPE` */
    run: async (deps, { ref, scope }, { body, callId: id }) => {
      const { export: name, ...rest } = body;
      const of = allExports.find((one) => one.name === name);
      const kind = exportKinds.find((one) => of && one.name === exportKindName(of));
      const read = of?.input.safeParse(rest);
      if (!of || !kind || !read?.success) throw new DomainError('INVALID_FORM', faultIn(read?.error));
      const fault = of.fault(read.data, await filterContext(deps, scope));
      if (fault) throw new DomainError(fault);
      const { isNew } = await queueJob(deps, { id, ...wantedOf(kind, read.data), requestedBy: ref, scope });
      if (isNew)
        await recordAudit(deps, { kind: 'JOB_STARTED', by: ref, about: `job:${id}`, detail: kind.name });
      return answerOf(deps, await exportOf(deps, id, scope));
    },
  }),
  operation({
    ...{ ...about, id: 'getExports', method: 'GET', path: '/api/v1/exports' },
    summary: 'Read the exports of the key’s business units, newest first',
    query: beforeQuery,
    answers: { 200: z.strictObject({ results: z.array(exportAnswer), before: nextBefore }) },
    run: async (deps, { scope }, { query }) => {
      const before = cursorOrFault('before', query.before, timeAndId);
      const kinds = exportKinds.map(({ name }) => name);
      const found = await findJobs(deps.models, { scope, kinds, before, limit: perPage + 1 });
      const { page, next } = pageIn(found, perPage, placeInTime);
      const results = await Promise.all(page.map((job) => shown(deps, job)));
      return { body: { results, before: next } };
    },
  }),
  operation({
    ...{ ...about, id: 'getExport', method: 'GET', path: '/api/v1/exports/:id' },
    summary: 'Read the state of an export',
    params: idParams,
    answers: { 200: exportAnswer },
    run: async (deps, { scope }, { params }) => answerOf(deps, await exportOf(deps, params.id, scope)),
  }),
  operation({
    ...{ ...about, id: 'getExportFile', method: 'GET', path: '/api/v1/exports/:id/file' },
    summary: 'Download the file of an export',
    params: idParams,
    answers: { 200: { types: ['text/csv', 'application/x-ndjson'] } },
    /** Each download is in the audit log. @throws DomainError `NOT_FOUND` */
    run: async (deps, { scope, ref }, { params }) => {
      const job = await exportOf(deps, params.id, scope);
      const kind = exportKinds.find(({ name }) => name === job.kind);
      const now = deps.clock();
      const file = await findJobFile(deps.models, job, now);
      if (!file || !kind?.file)
        throw new DomainError('NOT_FOUND', 'There is no file: it is not ready, or has expired.');
      await recordAudit(deps, { kind: 'EXPORTED', by: ref, about: `job:${job._id}`, detail: kind.label });
      const headers = { 'Content-Length': String(file.length) };
      return { stream: readJobFile(deps.models, file, now), type: kind.file(job.input, job).type, headers };
    },
  }),
];

/** @throws DomainError `NOT_FOUND` for another job, and for one outside the key's scope */
async function exportOf(deps: Deps, id: string, scope: Scope): Promise<Job> {
  const job = await findJob(deps.models, id, scope);
  if (!job || !exportKinds.some(({ name }) => name === job.kind)) throw new DomainError('NOT_FOUND');
  return job;
}

async function shown(deps: Deps, job: Job): Promise<object> {
  const file = await findJobFile(deps.models, job, deps.clock());
  return {
    ...{ id: job._id, state: job.state, rows: job.counts.changed, createdAt: job.at, endedAt: job.endedAt },
    file: file ? { bytes: file.length, expiresAt: file.expiresAt } : null,
  };
}

function faultIn(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  return issue ? faultSentence(issue.path.join('.'), issue.message) : 'The request could not be read.';
}
