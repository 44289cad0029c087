/** Declares the API of enrolments: the contacts of a workflow, and the workflows of a contact. */
import { z } from 'zod';
import { cursorOrFault, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { getContact } from '../../../domain/contacts/read.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import {
  findEnrolments,
  findEnrolmentsOf,
  getEnrolment,
  retryNow,
  unenrol,
} from '../../../domain/workflows/history.js';
import { getWorkflow, workflowAudit, workflowsWithin } from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import { findContactsById } from '../../../models/contact.js';
import { leaveReasons, type Enrolment } from '../../../models/enrolment.js';
import type { Workflow } from '../../../models/workflow.js';
import { isAnyInScope } from '../../../vocabulary/scope.js';
import { operation, type Answer } from '../operation.js';
import { id, idParams, time, beforeQuery, nextBefore } from '../schemas.js';

const enrolment = z
  .strictObject({
    ...{ id: z.string(), workflowId: z.string() },
    contactId: z.string().nullable().meta({ description: 'Null for a contact that the key does not reach.' }),
    ...{ version: z.int(), state: z.enum(['ACTIVE', 'DONE', 'LEFT']) },
    reason: z.enum(leaveReasons).nullable().meta({ description: 'Why the contact left early.' }),
    cause: z.enum(['TRIGGER', 'EVENT', 'NOW', 'BY_HAND']),
    stepId: z.string().nullable().meta({ description: 'The next step; null at the end.' }),
    ...{ isWaiting: z.boolean(), dueAt: time },
    lastError: z.string().nullable().meta({ description: 'Why the last attempt failed.' }),
    ...{ enrolledAt: time, endedAt: time.nullable() },
    path: z
      .array(
        z.strictObject({
          ...{ stepId: z.string(), outcome: z.enum(['DONE', 'SKIPPED', 'YES', 'NO']) },
          ...{ reason: z.string().nullable(), at: time },
        }),
      )
      .meta({ description: 'The steps that are over.' }),
  })
  .meta({ id: 'Enrolment' });
const oneParams = z.strictObject({ id, enrolmentId: id });

const path = '/api/v1/workflows/:id/enrolments' as const;
const reads = { tag: 'Workflows', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Workflows', scopes: ['contacts.write'] } as const;

interface OneEnrolment {
  params: { id: string; enrolmentId: string };
}

const perPage = 100;

const notNow = () => new DomainError('CONFLICT', 'The enrolment has another state by now.');

export const workflowEnrolmentOperations = [
  operation({
    ...{ ...reads, id: 'getEnrolments', method: 'GET', path },
    summary: 'Read the enrolments of a workflow, newest first',
    params: idParams,
    query: beforeQuery.extend({
      contactId: id.optional(),
      mark: z.string().min(1).max(120).default('ALL').meta({
        description:
          'Which ones: `ACTIVE`, `DONE`, `LEFT:` (left early), `at:<step>`, `failing:` (failed, and tried again), or an outcome such as `<step>:SKIPPED:`.',
      }),
    }),
    answers: { 200: z.strictObject({ results: z.array(enrolment), before: nextBefore }) },
    run: async (deps, caller, { params: { id }, query: { mark, contactId, before } }) => {
      await getWorkflow(deps, id, caller.scope);
      const place = cursorOrFault('before', before, timeAndId);
      const found = await findEnrolments(deps, id, { mark, contactId, before: place, limit: perPage + 1 });
      const { page, next } = pageIn(found, perPage, placeInTime);
      return { body: { results: await answersOf(deps, caller, page), before: next } };
    },
  }),
  operation({
    ...{ ...reads, id: 'getEnrolment', method: 'GET', path: `${path}/:enrolmentId` },
    summary: 'Read one enrolment with the path that it took',
    params: oneParams,
    answers: { 200: enrolment },
    /** @throws DomainError `NOT_FOUND` */
    run: shown,
  }),
  operation({
    ...{ ...writes, id: 'setEnrolmentState', method: 'PUT', path: `${path}/:enrolmentId/state` },
    summary: 'Take a contact out of a workflow',
    description: 'What the steps have done stays done. Repeating it changes nothing.',
    params: oneParams,
    body: z.strictObject({ state: z.literal('LEFT') }).meta({ id: 'EnrolmentState' }),
    answers: { 200: enrolment },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` for a contact that has reached the end, or whose step runs now */
    run: async (deps, caller, asked) => {
      const { workflow, one } = await opened(deps, caller, asked);
      if (one.state === 'LEFT') return answerOf(deps, caller, one);
      if (!(await unenrol(deps, one))) throw notNow();
      await recordAudit(deps, { ...workflowAudit(workflow, 'a contact taken out'), by: caller.ref });
      return shown(deps, caller, asked);
    },
  }),
  operation({
    ...{ ...writes, id: 'retryStep', method: 'POST', path: `${path}/:enrolmentId/retries` },
    summary: 'Try a failed step again now',
    params: oneParams,
    answers: { 200: enrolment },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` if no failed step waits for another attempt */
    run: async (deps, caller, asked) => {
      const { workflow, one } = await opened(deps, caller, asked);
      if (!(await retryNow(deps, one))) throw notNow();
      await recordAudit(deps, { ...workflowAudit(workflow, 'a step tried again'), by: caller.ref });
      return shown(deps, caller, asked);
    },
  }),
  operation({
    ...{ ...reads, id: 'getEnrolmentsOfContact', method: 'GET', path: '/api/v1/contacts/:id/enrolments' },
    summary: 'Read the newest enrolments of a contact, at most 100',
    params: idParams,
    answers: { 200: z.strictObject({ results: z.array(enrolment) }) },
    /** @throws DomainError `NOT_FOUND` for a contact that the key does not reach */
    run: async (deps, caller, { params: { id: contactId } }) => {
      await getContact(deps, { scope: caller.scope, contactId });
      const workflowIds = (await workflowsWithin(deps, caller.scope)).map(({ _id }) => _id);
      const found = await findEnrolmentsOf(deps, contactId, workflowIds);
      return { body: { results: await answersOf(deps, caller, found) } };
    },
  }),
];

async function shown(deps: Deps, caller: ApiCaller, asked: OneEnrolment): Promise<Answer> {
  return answerOf(deps, caller, (await opened(deps, caller, asked)).one);
}

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
