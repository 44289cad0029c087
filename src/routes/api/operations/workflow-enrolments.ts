/** Declares the API of enrolments: the contacts of a workflow, and the workflows of a contact. */
import { z } from 'zod';
import { leaveReasons } from '../../../models/enrolment.js';
import { operation } from '../operation.js';
import { id, idParams, time } from '../schemas.js';

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

export const workflowEnrolmentOperations = [
  operation({
    ...{ ...reads, id: 'getEnrolments', method: 'GET', path },
    summary: 'Read the enrolments of a workflow, newest first',
    params: idParams,
    query: z.strictObject({
      contactId: id.optional(),
      mark: z.string().min(1).max(120).default('ALL').meta({
        description:
          'Which ones: `ACTIVE`, `DONE`, `LEFT:` (left early), `at:<step>`, `failing:` (failed, and tried again), or an outcome such as `<step>:SKIPPED:`.',
      }),
      before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(enrolment),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../workflow-enrolments.js')).showEnrolments,
  }),
  operation({
    ...{ ...reads, id: 'getEnrolment', method: 'GET', path: `${path}/:enrolmentId` },
    summary: 'Read one enrolment with the path that it took',
    params: oneParams,
    answers: { 200: enrolment },
    load: async () => (await import('../workflow-enrolments.js')).showEnrolment,
  }),
  operation({
    ...{ ...writes, id: 'setEnrolmentState', method: 'PUT', path: `${path}/:enrolmentId/state` },
    summary: 'Take a contact out of a workflow',
    description: 'What the steps have done stays done. Repeating it changes nothing.',
    params: oneParams,
    body: z.strictObject({ state: z.literal('LEFT') }).meta({ id: 'EnrolmentState' }),
    answers: { 200: enrolment },
    faults: [409],
    load: async () => (await import('../workflow-enrolments.js')).leaveByApi,
  }),
  operation({
    ...{ ...writes, id: 'retryStep', method: 'POST', path: `${path}/:enrolmentId/retries` },
    summary: 'Try a failed step again now',
    params: oneParams,
    answers: { 200: enrolment },
    faults: [409],
    load: async () => (await import('../workflow-enrolments.js')).retryByApi,
  }),
  operation({
    ...{ ...reads, id: 'getEnrolmentsOfContact', method: 'GET', path: '/api/v1/contacts/:id/enrolments' },
    summary: 'Read the newest enrolments of a contact, at most 100',
    params: idParams,
    answers: { 200: z.strictObject({ results: z.array(enrolment) }) },
    load: async () => (await import('../workflow-enrolments.js')).showEnrolmentsOfContact,
  }),
];
