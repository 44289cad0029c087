/** Imports by API, of opt-out lists and of contacts: upload and check, list, status, confirmation, files of rows, undo. The key's units limit them. */
import type { Deps } from '../../deps.js';
import type { GivenContactChoice } from '../../domain/imports/contact-choice.js';
import type { contactResults, rejectedRows } from '../../domain/imports/operations.js';
import {
  chooseColumn,
  chooseContacts,
  importJob,
  requireImport,
  startImport,
} from '../../domain/imports/operations.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { isGranted } from '../../models/api-key.js';
import type { Import } from '../../models/import.js';
import type { Channel } from '../../vocabulary/terms.js';
import type { Answer, Named } from './operation.js';

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

export const perPage = 100;

export function requireScopesOf(kind: Import['kind'], { scopes }: ApiCaller): void {
  const isOfContacts = kind === 'CONTACTS' || kind === 'UNDO_CONTACTS';
  if (isOfContacts && !isGranted(scopes, 'contacts.write'))
    throw new DomainError(
      'MISSING_SCOPES',
      'An import of contacts needs the scope "contacts.write" as well.',
    );
}

/** The import that a call names. @throws DomainError `NOT_FOUND`; `MISSING_SCOPES` */
export async function reached(deps: Deps, caller: ApiCaller, { id }: OneImport['params']) {
  const which = { id, scope: caller.scope };
  requireScopesOf((await requireImport(deps, which)).kind, caller);
  return which;
}

export async function startOptOuts(
  deps: Deps,
  { ref: by, scope }: ApiCaller,
  { query, bytes, callId: id }: Upload,
): Promise<void> {
  const { businessUnitId: unitId = null, name = 'list', channel = 'EMAIL', column } = query;
  await startImport(deps, { kind: 'OPT_OUTS', name, channel, unitId, by, scope, id }, bytes);
  if (column !== undefined) await chooseColumn(deps, { id, scope }, column);
}

export async function startContacts(
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

export function sending(rowsOf: typeof rejectedRows | typeof contactResults) {
  return async (deps: Deps, caller: ApiCaller, { params }: OneImport): Promise<Answer> => {
    const rows = await rowsOf(deps, await reached(deps, caller, params));
    return { stream: rows ?? nothing(), type: 'text/csv; charset=utf-8' };
  };
}

async function* nothing(): AsyncGenerator<string> {}

export async function answerOf(
  deps: Deps,
  which: { id: string; scope: ApiCaller['scope'] },
): Promise<Answer> {
  const one = await requireImport(deps, which);
  const job = await importJob(deps, one);
  const progress = job && { state: job.state, done: job.done, total: job.total };
  return { body: { ...aboutImport(one), progress } };
}

export async function audit(
  deps: Deps,
  { ref: by }: ApiCaller,
  detail: string,
  { _id, unitId }: Import,
): Promise<void> {
  await recordAudit(deps, { kind: 'JOB_STARTED', by, about: `import:${_id}`, unitId, detail });
}

export function aboutImport(one: Import): object {
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
