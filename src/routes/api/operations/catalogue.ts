/** Declares the API of what staff set up and follow: subscription types, business units, jobs and workflows. */
import { z } from 'zod';
import { jobStates } from '../../../models/job.js';
import { workflowStates } from '../../../models/workflow.js';
import { typePurposes } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { channel, idParams, queryNumber, time, unitIds } from '../schemas.js';

const unit = z
  .strictObject({ id: z.int(), name: z.string(), defaultLanguage: z.string(), hasDoubleOptIn: z.boolean() })
  .meta({ id: 'BusinessUnit' });
const type = z
  .strictObject({
    ...{ id: z.int(), businessUnitId: z.int(), channel, name: z.string(), description: z.string() },
    purpose: z.enum(typePurposes),
    ...{ isActive: z.boolean(), isInternal: z.boolean(), isDefault: z.boolean() },
  })
  .meta({ id: 'SubscriptionType' });
const numberParams = z.strictObject({ id: queryNumber });
const count = z.int().min(0);
const job = z
  .strictObject({
    ...{ id: z.string(), kind: z.string(), state: z.enum(jobStates), done: count, total: count.nullable() },
    counts: z.strictObject({ changed: count, unchanged: count, refused: count }),
    ...{ createdAt: time, startedAt: time.nullable() },
  })
  .meta({ id: 'Job' });
const workflow = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), businessUnitIds: unitIds, state: z.enum(workflowStates) },
    version: count.meta({ description: 'The published version; 0 before the first.' }),
    activatedAt: time.nullable(),
  })
  .meta({ id: 'Workflow' });
const listOf = <T extends z.ZodType>(item: T) => ({ 200: z.strictObject({ results: z.array(item) }) });

const types = { tag: 'Subscription types', scopes: ['statuses.read'] } as const;
const units = { tag: 'Business units', scopes: ['statuses.read'] } as const;
const jobs = { tag: 'Jobs', scopes: ['contacts.read'] } as const;

export const catalogueOperations = [
  operation({
    ...{ ...types, id: 'getSubscriptionTypes', method: 'GET', path: '/api/v1/subscription-types' },
    summary: 'Read the subscription types of the key’s business units',
    answers: listOf(type),
    load: async () => (await import('../catalogue.js')).showTypes,
  }),
  operation({
    ...{ ...types, id: 'getSubscriptionType', method: 'GET', path: '/api/v1/subscription-types/:id' },
    summary: 'Read one subscription type',
    params: numberParams,
    answers: { 200: type },
    load: async () => (await import('../catalogue.js')).showType,
  }),
  operation({
    ...{ ...units, id: 'getBusinessUnits', method: 'GET', path: '/api/v1/business-units' },
    summary: 'Read the key’s business units',
    answers: listOf(unit),
    load: async () => (await import('../catalogue.js')).showUnits,
  }),
  operation({
    ...{ ...units, id: 'getBusinessUnit', method: 'GET', path: '/api/v1/business-units/:id' },
    summary: 'Read one business unit',
    params: numberParams,
    answers: { 200: unit },
    load: async () => (await import('../catalogue.js')).showUnit,
  }),
  operation({
    ...{ ...jobs, id: 'getJobs', method: 'GET', path: '/api/v1/jobs' },
    summary: 'Read the jobs of the key’s business units, newest first',
    query: z.strictObject({
      state: z.enum(jobStates).optional(),
      before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(job),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../catalogue.js')).showJobs,
  }),
  operation({
    ...{ ...jobs, id: 'getJob', method: 'GET', path: '/api/v1/jobs/:id' },
    summary: 'Read the state and the counts of a job',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../catalogue.js')).showJob,
  }),
  operation({
    ...{ id: 'getWorkflows', method: 'GET', path: '/api/v1/workflows', tag: 'Workflows' },
    scopes: ['contacts.read'],
    summary: 'Read the workflows of the key’s business units',
    answers: listOf(workflow),
    load: async () => (await import('../catalogue.js')).showWorkflows,
  }),
];
