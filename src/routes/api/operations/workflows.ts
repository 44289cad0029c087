/** Declares the API of workflows. */
import { z } from 'zod';
import { line } from '../../../domain/catalogue/fields.js';
import { workflowStates } from '../../../models/workflow.js';
import { operation } from '../operation.js';
import { givenUnitIds, idParams, outcomes, revision, someEmails, time, unitIds } from '../schemas.js';

const workflow = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), businessUnitIds: unitIds, state: z.enum(workflowStates) },
    version: z.int().min(0).meta({ description: 'The published version; 0 before the first.' }),
    activatedAt: time.nullable(),
    revision: z.int().meta({ description: 'Raised by each change, also of the draft.' }),
  })
  .meta({ id: 'Workflow' });

const path = '/api/v1/workflows' as const;
const reads = { tag: 'Workflows', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Workflows', scopes: ['settings.write'] } as const;
const name = line(80);

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
    ...{ ...writes, id: 'createWorkflow', method: 'POST', path },
    summary: 'Create a workflow, as a draft without steps',
    description: 'It reaches only contacts and subscription types of its business units.',
    body: z.strictObject({ name, businessUnitIds: givenUnitIds }).meta({ id: 'NewWorkflow' }),
    answers: { 201: workflow },
    load: async () => (await import('../workflows.js')).createWorkflowByApi,
  }),
  operation({
    ...{ ...writes, id: 'renameWorkflow', method: 'PATCH', path: `${path}/:id` },
    summary: 'Change the name of a workflow',
    params: idParams,
    body: z.strictObject({ name, revision }).meta({ id: 'WorkflowName' }),
    answers: { 200: workflow },
    faults: [409],
    load: async () => (await import('../workflows.js')).renameWorkflowByApi,
  }),
  operation({
    ...{ ...writes, id: 'setWorkflowState', method: 'PUT', path: `${path}/:id/state` },
    summary: 'Pause a workflow, resume it, or turn it off',
    description:
      'While it is paused, contacts wait where they are. OFF: contacts in progress leave; it can be published again. ACTIVE resumes a paused one. Repeating it changes nothing.',
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
