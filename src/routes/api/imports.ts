/** Imports of opt-out lists by API: upload and check, status, confirmation, rejected rows, undo. The key's units limit them. */
import { once } from 'node:events';
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import type { Import } from '../../models/import.js';
import { apiPatterns } from '../../paths.js';
import { channels } from '../../vocabulary/terms.js';
import type { AuthenticateKey } from './authenticate.js';

/** Text of a query string that is a whole number. */
const number = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const startQuery = z.strictObject({
  /** Absent: the whole account. */
  businessUnitId: number.optional(),
  channel: z.enum(channels).default('EMAIL'),
  /** The name of the file. */
  name: z.string().min(1).max(200).default('list'),
  /** The name of the column with the addresses. Absent: the proposed one. */
  column: z.string().max(500).optional(),
});
const confirmation = z.strictObject({ number: z.int(), revision: z.int() });

/** Loaded at the first call, since the reader of lists brings libraries of its own. */
const operations = () => import('../../domain/imports/operations.js');

/** @param jsonOf reads the body of a caller that is known */
export function importRoutes(
  deps: Deps,
  authenticate: AuthenticateKey,
  jsonOf: (request: Request, response: Response) => Promise<unknown>,
): Router {
  const router = express.Router();

  // The body is the file itself. A caller whose connection breaks sends it again, and nothing is left of the first.
  router.post(apiPatterns.imports, async (request, response) => {
    const caller = await authenticate(request, 'statuses.write');
    const { businessUnitId: unitId = null, column, ...about } = parsed(startQuery, request.query);
    const { checkImport, chooseColumn, startImport } = await operations();
    const { ref: by, scope } = caller;
    const { _id: id } = await startImport(deps, { unitId, by, scope, ...about }, request);
    const which = { id, scope };
    if (column !== undefined) await chooseColumn(deps, which, column);
    await audit(caller, 'IMPORT_CHECK', await checkImport(deps, which));
    await answer(response, which, 202);
  });

  router.get(apiPatterns.oneImport, async (request, response) => {
    const { scope } = await authenticate(request, 'statuses.write');
    await answer(response, whichOf(request, scope), 200);
  });

  router.post(apiPatterns.confirmImport, async (request, response) => {
    const caller = await authenticate(request, 'statuses.write');
    const which = whichOf(request, caller.scope);
    const asked = parsed(confirmation, await jsonOf(request, response));
    const { confirmImport } = await operations();
    await audit(caller, 'IMPORT_RUN', await confirmImport(deps, which, asked));
    await answer(response, which, 202);
  });

  router.post(apiPatterns.undoImport, async (request, response) => {
    const caller = await authenticate(request, 'statuses.write');
    const { undoImport } = await operations();
    const undo = await undoImport(deps, whichOf(request, caller.scope), caller.ref);
    await audit(caller, 'IMPORT_UNDO', undo);
    await answer(response, { id: undo._id, scope: caller.scope }, 202);
  });

  router.get(apiPatterns.rejectedRows, async (request, response) => {
    const { scope } = await authenticate(request, 'statuses.write');
    const { rejectedRows } = await operations();
    const rows = await rejectedRows(deps, whichOf(request, scope));
    response.type('text/csv; charset=utf-8');
    for await (const bytes of rows ?? []) if (!response.write(bytes)) await once(response, 'drain');
    response.end();
  });

  async function answer(
    response: Response,
    which: { id: string; scope: ApiCaller['scope'] },
    status: number,
  ) {
    const { importJob, requireImport } = await operations();
    const one = await requireImport(deps, which);
    const job = await importJob(deps, one);
    response.status(status).json({
      id: one._id,
      kind: one.kind,
      state: one.state,
      businessUnitId: one.unitId,
      channel: one.channel,
      file: one.file,
      choice: one.choice,
      revision: one.revision,
      fault: one.fault,
      counts: one.counts,
      result: one.result,
      undoes: one.undoes,
      undoneBy: one.undoneBy,
      progress: job && { state: job.state, done: job.done, total: job.total },
      createdAt: one.at,
      confirmedAt: one.confirmedAt,
      endedAt: one.endedAt,
    });
  }

  async function audit({ ref: by }: ApiCaller, detail: string, { _id, unitId }: Import) {
    await recordAudit(deps, { kind: 'JOB_STARTED', by, about: `import:${_id}`, unitId, detail });
  }

  return router;
}

function whichOf({ params: { id } }: Request, scope: ApiCaller['scope']) {
  return { id: typeof id === 'string' ? id : '', scope };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const { path = [], message = '' } = read.error.issues[0] ?? {};
  throw new DomainError('INVALID_FORM', `${path.join('.') || 'The request'}: ${message}`);
}
