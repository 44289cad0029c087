/** Declares the API of workflows. */
import { z } from 'zod';
import { workflowStates } from '../../../models/workflow.js';
import { operation } from '../operation.js';
import { idParams, outcomes, someEmails, time, unitIds } from '../schemas.js';

const workflow = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), businessUnitIds: unitIds, state: z.enum(workflowStates) },
    version: z.int().min(0).meta({ description: 'The published version; 0 before the first.' }),
    activatedAt: time.nullable(),
  })
  .meta({ id: 'Workflow' });

const path = '/api/v1/workflows' as const;
const reads = { tag: 'Workflows', scopes: ['contacts.read'] } as const;

export const workflowOperations = [
  operation({
    ...{ ...reads, id: 'getWorkflows', method: 'GET', path },
    summary: 'Read the workflows of the key’s business units',
    answers: { 200: z.strictObject({ results: z.array(workflow) }) },
    load: async () => (await import('../workflows.js')).showWorkflows,
  }),
  operation({
    ...{ ...reads, id: 'getWorkflow', method: 'GET', path: `${path}/:id` },
    summary: 'Read one workflow',
    params: idParams,
    answers: { 200: workflow },
    load: async () => (await import('../workflows.js')).showWorkflow,
  }),
  operation({
    ...{ id: 'setWorkflowState', method: 'PUT', path: `${path}/:id/state`, tag: 'Workflows' },
    scopes: ['settings.write'],
    summary: 'Pause a workflow, resume it, or turn it off',
    description:
      'While it is paused, contacts wait where they are. OFF: contacts in progress leave; staff can publish it again. ACTIVE resumes a paused one. Repeating it changes nothing.',
    params: idParams,
    body: z.strictObject({ state: z.enum(['ACTIVE', 'PAUSED', 'OFF']) }).meta({ id: 'WorkflowState' }),
    answers: { 200: workflow },
    faults: [409],
    load: async () => (await import('../workflows.js')).setWorkflowState,
  }),
  operation({
    ...{ id: 'enrolContacts', method: 'POST', path: `${path}/:id/enrolments`, tag: 'Workflows' },
    scopes: ['contacts.write'],
    summary: 'Enrol contacts in a workflow by their e-mail addresses',
    description: 'The trigger is not asked. `CHANGED`: the contact was enrolled.',
    params: idParams,
    body: z.strictObject({ emails: someEmails }).meta({ id: 'Enrolments' }),
    answers: { 200: outcomes },
    load: async () => (await import('../workflows.js')).enrolContactsByApi,
  }),
];
