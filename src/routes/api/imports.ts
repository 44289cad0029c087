/** Imports by API, of opt-out lists and of contacts: upload and check, list, status, confirmation, files of rows, undo. The key's units limit them. */
import { once } from 'node:events';
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { cursorIn, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { findImports, type Import } from '../../models/import.js';
import { apiPatterns } from '../../paths.js';
import { channels, legalBases } from '../../vocabulary/terms.js';
import type { AuthenticateKey } from './authenticate.js';

/** Text of a query string that is a whole number. */
const number = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const startQuery = z.strictObject({
  kind: z.literal('OPT_OUTS').optional(),
  /** Absent: the whole account. */
  businessUnitId: number.optional(),
  channel: z.enum(channels).default('EMAIL'),
  /** The name of the file. */
  name: z.string().min(1).max(200).default('list'),
  /** The name of the column with the addresses. Absent: the proposed one. */
  column: z.string().max(500).optional(),
});
const contactsQuery = z.strictObject({
  kind: z.literal('CONTACTS'),
  name: z.string().min(1).max(200).default('contacts'),
  /** JSON: the place of each column, by the column's name. Absent: the proposed ones. */
  columns: z
    .string()
    .max(20_000)
    .transform((text, context) => {
      const read = columnsInput.safeParse(jsonIn(text));
      if (read.success) return read.data;
      context.addIssue({ code: 'custom', message: 'is not a JSON object with texts' });
      return z.NEVER;
    })
    .optional(),
  /** Ids with commas between them. */
  businessUnitIds: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/)
    .transform((text) => text.split(',').map(Number))
    .optional(),
  processingBasis: z.enum(legalBases).optional(),
  emptyClears: z.stringbool().optional(),
  dateOrder: z.enum(['DMY', 'MDY']).optional(),
  legalBasis: z.enum(legalBases).optional(),
  explanation: z.string().max(1000).optional(),
});
const columnsInput = z.record(z.string(), z.string());
/** An import of contacts needs no number. */
const confirmation = z.strictObject({ number: z.int().optional(), revision: z.int() });
const listQuery = z.strictObject({ before: z.string().max(2000).optional() });
const perPage = 100;

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
    const { checkImport } = await operations();
    const start = request.query['kind'] === 'CONTACTS' ? startContacts : startOptOuts;
    const which = { id: await start(caller, request), scope: caller.scope };
    await audit(caller, 'IMPORT_CHECK', await checkImport(deps, which));
    await answer(response, which, 202);
  });

  async function startOptOuts({ ref: by, scope }: ApiCaller, request: Request): Promise<string> {
    const { businessUnitId: unitId = null, column, ...about } = parsed(startQuery, request.query);
    const { chooseColumn, startImport } = await operations();
    const { _id: id } = await startImport(deps, { ...about, kind: 'OPT_OUTS', unitId, by, scope }, request);
    if (column !== undefined) await chooseColumn(deps, { id, scope }, column);
    return id;
  }

  async function startContacts({ ref: by, scope }: ApiCaller, request: Request): Promise<string> {
    const { kind, name, columns, businessUnitIds: unitIds, ...rest } = parsed(contactsQuery, request.query);
    const { chooseContacts, startImport } = await operations();
    const wanted = { kind, name, unitId: null, channel: 'EMAIL', by, scope } as const;
    const { _id: id } = await startImport(deps, wanted, request);
    await chooseContacts(deps, { id, scope }, { ...rest, unitIds }, columns);
    return id;
  }

  router.get(apiPatterns.imports, async (request, response) => {
    const { scope } = await authenticate(request, 'statuses.write');
    const place = cursorIn(parsed(listQuery, request.query).before, timeAndId);
    const before = place ? { before: { at: place.at, _id: place.id } } : {};
    const found = await findImports(deps.models, { scope, ...before, limit: perPage + 1 });
    const imports = found.slice(0, perPage);
    const last = found.length > perPage ? imports.at(-1) : undefined;
    response.json({
      imports: imports.map(aboutImport),
      before: last ? cursorText({ at: last.at, id: last._id }) : null,
    });
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

  for (const file of ['rejectedRows', 'contactResults'] as const)
    router.get(apiPatterns[file], async (request, response) => {
      const { scope } = await authenticate(request, 'statuses.write');
      const rows = await (await operations())[file](deps, whichOf(request, scope));
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
    const progress = job && { state: job.state, done: job.done, total: job.total };
    response.status(status).json({ ...aboutImport(one), progress });
  }

  async function audit({ ref: by }: ApiCaller, detail: string, { _id, unitId }: Import) {
    await recordAudit(deps, { kind: 'JOB_STARTED', by, about: `import:${_id}`, unitId, detail });
  }

  return router;
}

function aboutImport(one: Import): object {
  return {
    id: one._id,
    kind: one.kind,
    state: one.state,
    businessUnitId: one.unitId,
    ...(one.scope === undefined ? {} : { businessUnitIds: one.scope }),
    channel: one.channel,
    file: one.file,
    choice: one.choice,
    revision: one.revision,
    fault: one.fault,
    counts: one.contactCounts ?? one.counts,
    result: one.contactResult ?? one.result,
    undoes: one.undoes,
    undoneBy: one.undoneBy,
    createdAt: one.at,
    confirmedAt: one.confirmedAt,
    endedAt: one.endedAt,
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
