/** The API of bulk work. It starts the same jobs as the index of contacts; a job of a key acts as the API, and reaches the key's business units. */
import { ZodError } from 'zod';
import { cursorOrFault } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import { readBulkEdit } from '../../domain/contacts/bulk/bulk-edit.js';
import { countContacts, countSelection, filterContext, findContacts } from '../../domain/contacts/find.js';
import { getContact } from '../../domain/contacts/read.js';
import { mostNamed, selectionForJob } from '../../domain/contacts/selection-for-job.js';
import { contactCursor } from '../../domain/contacts/selection.js';
import type { ContactSort, Direction, Selection } from '../../domain/contacts/selection.js';
import type { Filter } from '../../domain/filters/filter.js';
import { readFilter } from '../../domain/filters/read-condition.js';
import { getList } from '../../domain/lists/lists.js';
import { setMarketingStatus } from '../../domain/marketing/status.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { getWorkflow } from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { wantedOf } from '../../jobs/kind.js';
import { bulkEdit } from '../../jobs/kinds/bulk-edit.js';
import { editList } from '../../jobs/kinds/edit-list.js';
import { enrolContacts } from '../../jobs/kinds/enrol.js';
import { setMarketing } from '../../jobs/kinds/marketing.js';
import { readSendLinks, sendLinks } from '../../jobs/kinds/send-links.js';
import { findJob, queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Channel, LegalBasis } from '../../vocabulary/terms.js';
import { answerOf } from './contacts.js';
import { catalogueOf } from './hubspot/subscribers.js';
import { jobAnswer } from './jobs.js';
import { checkStatic } from './lists.js';
import type { Answer, Handler } from './operation.js';

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
/** The number of contacts guards a job that has no preview. */
interface Counted extends Selected {
  expected?: number | undefined;
}
interface Search {
  filter: Filter;
  sort: ContactSort;
  direction: Direction;
  after?: string | undefined;
}
interface OneOf {
  params: { id: string };
}
interface Call<Body> {
  body: Body;
  /** The id of the job, so that a repeat of the call makes no second one. */
  callId: string;
}

/** @throws DomainError `INVALID_FORM` for a filter that names something that does not exist for this key */
export const countContactsByApi: Handler<{ body: { filter: Filter } }> = async (
  deps,
  { scope },
  { body: { filter } },
) => {
  await checkFilter(deps, scope, filter);
  const { count, isCapped } = await countContacts(deps, { scope, filter, search: '' });
  return { body: { count, isCapped } };
};

/**
 * Contacts that match a filter, as the index shows them.
 * @throws DomainError `INVALID_FORM`; `DATABASE_AWAY` if no index answers the filter, and reading all contacts takes too long
 */
export const searchContactsByApi: Handler<{ body: Search }> = async (
  deps,
  caller,
  { body: { filter, sort, direction, after } },
) => {
  const { scope } = caller;
  await checkFilter(deps, scope, filter);
  const cursor = cursorOrFault('after', after, contactCursor);
  const found = await findContacts(deps, { scope, filter, search: '', sort, direction, cursor });
  if (found.isTooSlow) throw new DomainError('DATABASE_AWAY', 'This filter takes too long.');
  return { body: { results: found.contacts.map((one) => answerOf(caller, one)), after: found.next } };
};

/** @throws DomainError `INVALID_FORM` with the fields that are wrong */
export const startBulkEdit = starting<Call<Edit>>(async (deps, caller, selection, { body }) => {
  const { contactIds: _ids, filter: _filter, legalBasis = null, processingBasis = null, ...edit } = body;
  const asked = { ...edit, legalBasis, processingBasis, hasOptOutOfAllRemoved: false, selection };
  const read = readBulkEdit(asked, { catalogue: await catalogueOf(deps, caller), scope: caller.scope });
  if ('edit' in read) return wantedOf(bulkEdit, read.edit);
  const issues = read.faults.map(({ field, message }) => ({
    ...{ code: 'custom' as const, path: ['body', field], message, input: undefined },
  }));
  throw new DomainError('INVALID_FORM', read.faults[0]?.message, { cause: new ZodError(issues) });
});

export const startMarketingChange = starting<Call<Counted & { isMarketing: boolean }>>(
  async (_deps, _caller, selection, { body: { isMarketing } }) =>
    wantedOf(setMarketing, { selection, isMarketing }),
);

/** @throws DomainError `NOT_FOUND`; `CONFLICT` for an active list, whose filter decides */
export const startListEdit = starting<OneOf & Call<Counted & { isRemoval: boolean }>>(
  async (deps, { scope }, selection, { params: { id: listId }, body: { isRemoval } }) => {
    checkStatic(await getList(deps, { listId, scope }));
    return wantedOf(editList, { selection, listId, isRemoval });
  },
);

/** @throws DomainError `NOT_FOUND` */
export const startEnrolment = starting<OneOf & Call<Counted>>(
  async (deps, { scope }, selection, { params: { id: workflowId } }) => {
    const { name } = await getWorkflow(deps, workflowId, scope);
    return wantedOf(enrolContacts, { selection, workflowId, name });
  },
);

/** @throws DomainError `NOT_FOUND` for a business unit that the key does not reach */
export const startLinkMailing = starting<Call<Counted & { businessUnitId: number }>>(
  async (deps, caller, selection, { body: { businessUnitId: unitId } }) => {
    const about = { catalogue: await catalogueOf(deps, caller), scope: caller.scope };
    const read = readSendLinks({ unitId, selection }, about);
    if ('faults' in read) throw new DomainError('UNKNOWN_UNIT', 'This business unit does not exist.');
    return wantedOf(sendLinks, read.links);
  },
);

/** @throws DomainError `NOT_FOUND`; `NOT_PERMITTED` if the contact also belongs to units that the key does not reach */
export const setMarketingByApi: Handler<{ params: { id: string }; body: { isMarketing: boolean } }> = async (
  deps,
  caller,
  { params: { id: contactId }, body: { isMarketing } },
) => {
  const { scope, ref: by } = caller;
  await getContact(deps, { scope, contactId });
  const [outcome] = await setMarketingStatus(deps, { contactIds: [contactId], isMarketing, scope });
  if (outcome === 'SHARED_CONTACT')
    throw new DomainError('NOT_PERMITTED', 'The contact also belongs to other business units.');
  if (outcome === 'CHANGED')
    await recordAudit(deps, { kind: 'CONTACT_CHANGED', by, about: `contact:${contactId}` });
  return { body: answerOf(caller, await getContact(deps, { scope, contactId })) };
};

async function selectionOf(deps: Deps, scope: Scope, { contactIds, filter }: Selected): Promise<Selection> {
  if ((contactIds === undefined) === (filter === undefined))
    throw new DomainError('INVALID_FORM', 'body needs either contactIds or filter.');
  if (!filter) return { kind: 'IDS', ids: contactIds ?? [] };
  await checkFilter(deps, scope, filter);
  const selection = await selectionForJob(deps, scope, { kind: 'FILTER', filter, search: '' });
  if (!selection)
    throw new DomainError(
      'INVALID_FORM',
      `body.filter compares names or addresses, and such a filter may find at most ${mostNamed} contacts.`,
    );
  return selection;
}

async function checkFilter(deps: Deps, scope: Scope, filter: Filter): Promise<void> {
  if (!readFilter(filter, await filterContext(deps, scope)))
    throw new DomainError('INVALID_FORM', 'body.filter names something that does not exist.');
}

/**
 * A handler that queues the job of a call, once.
 * @param wanted says which job, for the contacts that the call selects
 * @returns its own faults: `INVALID_FORM`; `WRONG_NUMBER` if another number of contacts match than expected
 */
function starting<Input extends Call<Counted>>(
  wanted: (
    deps: Deps,
    caller: ApiCaller,
    selection: Selection,
    input: Input,
  ) => Promise<ReturnType<typeof wantedOf>>,
) {
  return async (deps: Deps, caller: ApiCaller, input: Input): Promise<Answer> => {
    const { ref, scope } = caller;
    const { callId: id, body } = input;
    const before = await findJob(deps.models, id, scope);
    if (before) return { body: jobAnswer(before) };
    const selection = await selectionOf(deps, scope, body);
    if (body.expected !== undefined) {
      const { count } = await countSelection(deps, scope, selection);
      if (count !== body.expected)
        throw new DomainError(
          'WRONG_NUMBER',
          `body.expected is not the number of contacts that match now, which is ${count}.`,
        );
    }
    const job = await wanted(deps, caller, selection, input);
    const { isNew } = await queueJob(deps, { id, ...job, requestedBy: ref, scope });
    if (isNew)
      await recordAudit(deps, { kind: 'JOB_STARTED', by: ref, about: `job:${id}`, detail: job.kind });
    const queued = await findJob(deps.models, id, scope);
    if (!queued) throw new DomainError('NOT_FOUND');
    return { body: jobAnswer(queued) };
  };
}
