/** The API of bulk work. It starts the same jobs as the index of contacts; a job of a key acts as the API, and reaches the key's business units. */
import { ZodError } from 'zod';
import type { Deps } from '../../deps.js';
import { readBulkEdit } from '../../domain/contacts/bulk/bulk-edit.js';
import { countContacts, countSelection, filterContext } from '../../domain/contacts/find.js';
import { getContact } from '../../domain/contacts/read.js';
import { mostNamed, selectionForJob } from '../../domain/contacts/selection-for-job.js';
import type { Selection } from '../../domain/contacts/selection.js';
import type { Filter } from '../../domain/filters/filter.js';
import { readFilter } from '../../domain/filters/read-condition.js';
import { setMarketingStatus } from '../../domain/marketing/status.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { wantedOf } from '../../jobs/kind.js';
import { bulkEdit } from '../../jobs/kinds/bulk-edit.js';
import { setMarketing } from '../../jobs/kinds/marketing.js';
import { findJob, queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Channel, LegalBasis } from '../../vocabulary/terms.js';
import { answerOf } from './contacts.js';
import { catalogueOf } from './hubspot/subscribers.js';
import { jobAnswer } from './jobs.js';
import type { Answer } from './operation.js';

interface Selected {
  contactIds?: string[] | undefined;
  filter?: Filter | undefined;
}
interface Edit extends Selected {
  channel: Channel;
  typeIds: number[];
  status: 'OPT_IN' | 'OPT_OUT';
  legalBasis?: LegalBasis | undefined;
  processingBasis?: LegalBasis | undefined;
  explanation: string;
}
interface Call<Body> {
  body: Body;
  /** The id of the job, so that a repeat of the call makes no second one. */
  callId: string;
}

/** @throws DomainError `INVALID_FORM` for a filter that names something that does not exist for this key */
export async function countContactsByApi(
  deps: Deps,
  { scope }: ApiCaller,
  { body: { filter } }: { body: { filter: Filter } },
): Promise<Answer> {
  await checkFilter(deps, scope, filter);
  const { count, isCapped } = await countContacts(deps, { scope, filter, search: '' });
  return { body: { count, isCapped } };
}

/** @throws DomainError `INVALID_FORM` with the fields that are wrong */
export async function startBulkEdit(
  deps: Deps,
  caller: ApiCaller,
  { body: { contactIds, filter, ...edit }, callId }: Call<Edit>,
): Promise<Answer> {
  const selection = await selectionOf(deps, caller.scope, { contactIds, filter });
  const { legalBasis = null, processingBasis = null } = edit;
  const asked = { ...edit, legalBasis, processingBasis, hasOptOutOfAllRemoved: false, selection };
  const read = readBulkEdit(asked, { catalogue: await catalogueOf(deps, caller), scope: caller.scope });
  if ('faults' in read) {
    const issues = read.faults.map(({ field, message }) => ({
      ...{ code: 'custom' as const, path: ['body', field], message, input: undefined },
    }));
    throw new DomainError('INVALID_FORM', read.faults[0]?.message, { cause: new ZodError(issues) });
  }
  return queued(deps, caller, callId, wantedOf(bulkEdit, read.edit));
}

/** @throws DomainError `INVALID_FORM`; `WRONG_NUMBER` if another number of contacts match than expected */
export async function startMarketingChange(
  deps: Deps,
  caller: ApiCaller,
  { body, callId }: Call<Selected & { isMarketing: boolean; expected?: number | undefined }>,
): Promise<Answer> {
  const { isMarketing, expected } = body;
  const selection = await selectionOf(deps, caller.scope, body);
  if (body.filter && expected === undefined)
    throw new DomainError('INVALID_FORM', 'body.expected: a filter needs the number of its contacts');
  if (expected !== undefined) {
    const { count } = await countSelection(deps, caller.scope, selection);
    if (count !== expected)
      throw new DomainError('WRONG_NUMBER', `body.expected: ${count} contacts match now`);
  }
  return queued(deps, caller, callId, wantedOf(setMarketing, { selection, isMarketing }));
}

/** @throws DomainError `NOT_FOUND`; `NOT_PERMITTED` if the contact also belongs to units that the key does not reach */
export async function setMarketingByApi(
  deps: Deps,
  caller: ApiCaller,
  {
    params: { id: contactId },
    body: { isMarketing },
  }: { params: { id: string }; body: { isMarketing: boolean } },
): Promise<Answer> {
  const { scope, ref: by } = caller;
  await getContact(deps, { scope, contactId });
  const [outcome] = await setMarketingStatus(deps, { contactIds: [contactId], isMarketing, scope });
  if (outcome === 'SHARED_CONTACT')
    throw new DomainError('NOT_PERMITTED', 'The contact also belongs to other business units.');
  if (outcome === 'CHANGED')
    await recordAudit(deps, { kind: 'CONTACT_CHANGED', by, about: `contact:${contactId}` });
  return { body: answerOf(caller, await getContact(deps, { scope, contactId })) };
}

async function selectionOf(deps: Deps, scope: Scope, { contactIds, filter }: Selected): Promise<Selection> {
  if ((contactIds === undefined) === (filter === undefined))
    throw new DomainError('INVALID_FORM', 'body: give either contactIds or filter');
  if (!filter) return { kind: 'IDS', ids: contactIds ?? [] };
  await checkFilter(deps, scope, filter);
  const selection = await selectionForJob(deps, scope, { kind: 'FILTER', filter, search: '' });
  if (!selection)
    throw new DomainError(
      'INVALID_FORM',
      `body.filter: a filter by names or addresses may find at most ${mostNamed} contacts`,
    );
  return selection;
}

async function checkFilter(deps: Deps, scope: Scope, filter: Filter): Promise<void> {
  if (!readFilter(filter, await filterContext(deps, scope)))
    throw new DomainError('INVALID_FORM', 'body.filter: names something that does not exist');
}

async function queued(
  deps: Deps,
  { ref, scope }: ApiCaller,
  id: string,
  wanted: ReturnType<typeof wantedOf>,
): Promise<Answer> {
  const { isNew } = await queueJob(deps, { id, ...wanted, requestedBy: ref, scope });
  if (isNew)
    await recordAudit(deps, { kind: 'JOB_STARTED', by: ref, about: `job:${id}`, detail: wanted.kind });
  const job = await findJob(deps.models, id, scope);
  if (!job) throw new DomainError('NOT_FOUND');
  return { body: jobAnswer(job) };
}
