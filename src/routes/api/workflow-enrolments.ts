/** The API of enrolments. A key sees those of the workflows whose business units it reaches. */
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import { getContact } from '../../domain/contacts/read.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import {
  findEnrolments,
  findEnrolmentsOf,
  getEnrolment,
  retryNow,
  unenrol,
} from '../../domain/workflows/history.js';
import { getWorkflow, workflowAudit, workflowsWithin } from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { findContactsById } from '../../models/contact.js';
import type { Enrolment } from '../../models/enrolment.js';
import type { Workflow } from '../../models/workflow.js';
import { isAnyInScope } from '../../vocabulary/scope.js';
import type { Answer, Handler } from './operation.js';

interface OneEnrolment {
  params: { id: string; enrolmentId: string };
}
interface Page {
  mark: string;
  contactId?: string | undefined;
  before?: string | undefined;
}

const perPage = 100;

export const showEnrolments: Handler<{ params: { id: string }; query: Page }> = async (
  deps,
  caller,
  { params: { id }, query: { mark, contactId, before } },
) => {
  await getWorkflow(deps, id, caller.scope);
  const place = cursorOrFault('before', before, timeAndId);
  const found = await findEnrolments(deps, id, { mark, contactId, before: place, limit: perPage + 1 });
  const page = found.slice(0, perPage);
  const last = found.length > perPage ? page.at(-1) : undefined;
  const next = last ? cursorText({ at: last.at, id: last._id }) : null;
  return { body: { results: await answersOf(deps, caller, page), before: next } };
};

/** @throws DomainError `NOT_FOUND` */
export const showEnrolment: Handler<OneEnrolment> = async (deps, caller, asked) => {
  return answerOf(deps, caller, (await opened(deps, caller, asked)).one);
};

/** @throws DomainError `NOT_FOUND`; `CONFLICT` for a contact that has reached the end, or whose step runs now */
export const leaveByApi: Handler<OneEnrolment> = async (deps, caller, asked) => {
  const { workflow, one } = await opened(deps, caller, asked);
  if (one.state === 'LEFT') return answerOf(deps, caller, one);
  if (!(await unenrol(deps, one))) throw notNow();
  await recordAudit(deps, { ...workflowAudit(workflow, 'a contact taken out'), by: caller.ref });
  return showEnrolment(deps, caller, asked);
};

/** @throws DomainError `NOT_FOUND`; `CONFLICT` if no failed step waits for another attempt */
export const retryByApi: Handler<OneEnrolment> = async (deps, caller, asked) => {
  const { workflow, one } = await opened(deps, caller, asked);
  if (!(await retryNow(deps, one))) throw notNow();
  await recordAudit(deps, { ...workflowAudit(workflow, 'a step tried again'), by: caller.ref });
  return showEnrolment(deps, caller, asked);
};

/** @throws DomainError `NOT_FOUND` for a contact that the key does not reach */
export const showEnrolmentsOfContact: Handler<{ params: { id: string } }> = async (
  deps,
  caller,
  { params: { id: contactId } },
) => {
  await getContact(deps, { scope: caller.scope, contactId });
  const workflowIds = (await workflowsWithin(deps, caller.scope)).map(({ _id }) => _id);
  const found = await findEnrolmentsOf(deps, contactId, workflowIds);
  return { body: { results: await answersOf(deps, caller, found) } };
};

const notNow = () => new DomainError('CONFLICT', 'The enrolment has another state by now.');

async function opened(
  deps: Deps,
  { scope }: ApiCaller,
  { params: { id, enrolmentId } }: OneEnrolment,
): Promise<{ workflow: Workflow; one: Enrolment }> {
  const workflow = await getWorkflow(deps, id, scope);
  return { workflow, one: await getEnrolment(deps, id, enrolmentId) };
}

async function answerOf(deps: Deps, caller: ApiCaller, one: Enrolment): Promise<Answer> {
  const [body] = await answersOf(deps, caller, [one]);
  return { body };
}

async function answersOf(
  { models }: Deps,
  { scope }: ApiCaller,
  enrolments: readonly Enrolment[],
): Promise<object[]> {
  const found = await findContactsById(models.contacts, [
    ...new Set(enrolments.map(({ contactId }) => contactId)),
  ]);
  const seen = new Set(found.filter(({ unitIds }) => isAnyInScope(scope, unitIds)).map(({ _id }) => _id));
  return enrolments.map(({ _id: id, workflowId, contactId, version, state, reason, cause, ...one }) => ({
    ...{ id, workflowId, contactId: seen.has(contactId) ? contactId : null, version, state, reason, cause },
    ...{ stepId: one.step, isWaiting: one.isWaiting, dueAt: one.dueAt, lastError: one.lastError },
    ...{ enrolledAt: one.at, endedAt: one.endedAt },
    path: one.path.map(({ step: stepId, outcome, reason: why = null, at }) => ({
      ...{ stepId, outcome, reason: why, at },
    })),
  }));
}
