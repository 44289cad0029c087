/** The API of bulk work. It starts the same jobs as the index of contacts; a job of a key acts as the API, and reaches the key's business units. */
import type { Deps } from '../../deps.js';
import { countSelection, filterContext } from '../../domain/contacts/find.js';
import { mostNamed, selectionForJob } from '../../domain/contacts/selection-for-job.js';
import type { Selection } from '../../domain/contacts/selection.js';
import type { Filter } from '../../domain/filters/filter.js';
import { readFilter } from '../../domain/filters/read-condition.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import type { wantedOf } from '../../jobs/kind.js';
import { findJob, queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Answer, Named } from './operation.js';
import { jobAnswer } from './operations/jobs.js';

interface Selected {
  contactIds?: string[] | undefined;
  filter?: Filter | undefined;
}
/** The number of contacts guards a job that has no preview. */
interface Counted extends Selected {
  expected?: number | undefined;
}

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

export async function checkFilter(deps: Deps, scope: Scope, filter: Filter): Promise<void> {
  if (!readFilter(filter, await filterContext(deps, scope)))
    throw new DomainError('INVALID_FORM', 'body.filter names something that does not exist.');
}

/**
 * Queues the job of a call, once: the call's id is that of the job.
 * @param wanted says which job, for the contacts that the call selects
 * @throws DomainError `INVALID_FORM`; `WRONG_NUMBER` if another number of contacts match than expected
 */
export async function startJob(
  deps: Deps,
  { ref, scope }: ApiCaller,
  { callId: id, body }: Named & { body: Counted },
  wanted: (selection: Selection) => Promise<ReturnType<typeof wantedOf>>,
): Promise<Answer> {
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
  const job = await wanted(selection);
  const { isNew } = await queueJob(deps, { id, ...job, requestedBy: ref, scope });
  if (isNew) await recordAudit(deps, { kind: 'JOB_STARTED', by: ref, about: `job:${id}`, detail: job.kind });
  const queued = await findJob(deps.models, id, scope);
  if (!queued) throw new DomainError('NOT_FOUND');
  return { body: jobAnswer(queued) };
}
