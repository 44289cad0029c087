/** Imports by API, of opt-out lists and of contacts: upload and check, list, status, confirmation, files of rows, undo. The key's units limit them. */
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import type { Confirmation } from '../../domain/imports/start.js';
import type { GivenContactChoice } from '../../domain/imports/contact-choice.js';
import {
  checkImport,
  chooseColumn,
  chooseContacts,
  confirmImport,
  contactResults,
  importJob,
  rejectedRows,
  requireImport,
  startImport,
  undoImport,
} from '../../domain/imports/operations.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { isGranted } from '../../models/api-key.js';
import { findImport, findImports, type Import } from '../../models/import.js';
import type { Channel } from '../../vocabulary/terms.js';
import type { Answer, Handler, Named } from './operation.js';

interface Upload extends Named {
  query: Omit<GivenContactChoice, 'columns' | 'unitIds'> & {
    kind: 'OPT_OUTS' | 'CONTACTS';
    name?: string | undefined;
    businessUnitId?: number | undefined;
    channel?: Channel | undefined;
    column?: string | undefined;
    columns?: Record<string, string> | undefined;
    businessUnitIds?: number[] | undefined;
  };
  bytes: AsyncIterable<Uint8Array>;
}
interface OneImport {
  params: { id: string };
}

const perPage = 100;

/**
 * The body is the file itself. A caller whose connection breaks sends it again, and nothing is left of the first. A repeat gives the import of the first
 * call if its check had begun.
 */
export const uploadImport: Handler<Upload> = async (deps, caller, upload) => {
  const { kind } = upload.query;
  requireScopesOf(kind, caller);
  const which = { id: upload.callId, scope: caller.scope };
  const known = await findImport(deps.models, which.id, which.scope);
  if (known && known.state !== 'CHOOSING') {
    for await (const _part of upload.bytes);
    return answerOf(deps, which);
  }
  await deps.models.imports.deleteOne({ _id: which.id, state: 'CHOOSING' });
  await (kind === 'CONTACTS' ? startContacts : startOptOuts)(deps, caller, upload);
  await audit(deps, caller, 'IMPORT_CHECK', await checkImport(deps, which));
  return answerOf(deps, which);
};

function requireScopesOf(kind: Import['kind'], { scopes }: ApiCaller): void {
  const isOfContacts = kind === 'CONTACTS' || kind === 'UNDO_CONTACTS';
  if (isOfContacts && !isGranted(scopes, 'contacts.write'))
    throw new DomainError(
      'MISSING_SCOPES',
      'An import of contacts needs the scope "contacts.write" as well.',
    );
}

/** The import that a call names. @throws DomainError `NOT_FOUND`; `MISSING_SCOPES` */
async function reached(deps: Deps, caller: ApiCaller, { id }: OneImport['params']) {
  const which = { id, scope: caller.scope };
  requireScopesOf((await requireImport(deps, which)).kind, caller);
  return which;
}

async function startOptOuts(
  deps: Deps,
  { ref: by, scope }: ApiCaller,
  { query, bytes, callId: id }: Upload,
): Promise<void> {
  const { businessUnitId: unitId = null, name = 'list', channel = 'EMAIL', column } = query;
  await startImport(deps, { kind: 'OPT_OUTS', name, channel, unitId, by, scope, id }, bytes);
  if (column !== undefined) await chooseColumn(deps, { id, scope }, column);
}

async function startContacts(
  deps: Deps,
  { ref: by, scope }: ApiCaller,
  { query, bytes, callId: id }: Upload,
): Promise<void> {
  const { name = 'contacts', columns, businessUnitIds: unitIds } = query;
  const { processingBasis, emptyClears, dateOrder, decimalMark, legalBasis, explanation } = query;
  await startImport(deps, { kind: 'CONTACTS', name, unitId: null, channel: 'EMAIL', by, scope, id }, bytes);
  const choice = { unitIds, processingBasis, emptyClears, dateOrder, decimalMark, legalBasis, explanation };
  await chooseContacts(deps, { id, scope }, choice, columns);
}

export const showImports: Handler<{ query: { before?: string | undefined } }> = async (
  deps,
  { scope },
  { query },
) => {
  const place = cursorOrFault('before', query.before, timeAndId);
  const before = place ? { before: { at: place.at, _id: place.id } } : {};
  const found = await findImports(deps.models, { scope, ...before, limit: perPage + 1 });
  const imports = found.slice(0, perPage);
  const last = found.length > perPage ? imports.at(-1) : undefined;
  const body = {
    imports: imports.map(aboutImport),
    before: last ? cursorText({ at: last.at, id: last._id }) : null,
  };
  return { body };
};

export const showImport: Handler<OneImport> = async (deps, caller, { params }) => {
  return answerOf(deps, await reached(deps, caller, params));
};

export const confirm: Handler<OneImport & { body: Confirmation }> = async (
  deps,
  caller,
  { params, body },
) => {
  const which = await reached(deps, caller, params);
  await audit(deps, caller, 'IMPORT_RUN', await confirmImport(deps, which, body));
  return answerOf(deps, which);
};

export const undo: Handler<OneImport> = async (deps, caller, { params }) => {
  const which = await reached(deps, caller, params);
  const made = await undoImport(deps, which, caller.ref);
  await audit(deps, caller, 'IMPORT_UNDO', made);
  return answerOf(deps, { ...which, id: made._id });
};

export const sendRejected = sending(rejectedRows);
export const sendResults = sending(contactResults);

function sending(rowsOf: typeof rejectedRows | typeof contactResults) {
  return async (deps: Deps, caller: ApiCaller, { params }: OneImport): Promise<Answer> => {
    const rows = await rowsOf(deps, await reached(deps, caller, params));
    return { stream: rows ?? nothing(), type: 'text/csv; charset=utf-8' };
  };
}

async function* nothing(): AsyncGenerator<string> {}

async function answerOf(deps: Deps, which: { id: string; scope: ApiCaller['scope'] }): Promise<Answer> {
  const one = await requireImport(deps, which);
  const job = await importJob(deps, one);
  const progress = job && { state: job.state, done: job.done, total: job.total };
  return { body: { ...aboutImport(one), progress } };
}

async function audit(
  deps: Deps,
  { ref: by }: ApiCaller,
  detail: string,
  { _id, unitId }: Import,
): Promise<void> {
  await recordAudit(deps, { kind: 'JOB_STARTED', by, about: `import:${_id}`, unitId, detail });
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
