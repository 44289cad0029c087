/** Declares the API of workflows. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { line } from '../../../domain/catalogue/fields.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { enrolByHand } from '../../../domain/workflows/by-hand.js';
import {
  createWorkflow,
  getWorkflow,
  pauseWorkflow,
  renameWorkflow,
  resumeWorkflow,
  turnOff,
  workflowAudit,
  workflowsWithin,
} from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import { workflowStates, running, type Workflow } from '../../../models/workflow.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { operation } from '../operation.js';
import { givenUnitIds, idParams, outcomes, revision, someEmails, time, unitIds } from '../schemas.js';
import { reachOf, forEachContact } from './lists.js';

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

const changes = {
  ACTIVE: { already: running, act: resumeWorkflow, what: 'resumed' },
  PAUSED: { already: ['PAUSED'], act: pauseWorkflow, what: 'paused' },
  OFF: { already: ['OFF'], act: turnOff, what: 'turned off' },
} as const;

export const workflowOperations = [
  operation({
    ...{ ...reads, id: 'getWorkflows', method: 'GET', path },
    summary: 'Read the workflows of the key’s business units',
    answers: { 200: z.strictObject({ results: z.array(workflow) }) },
    run: async (deps, { scope }) => ({
      body: { results: (await workflowsWithin(deps, scope)).map(answerOf) },
    }),
  }),
  operation({
    ...{ ...reads, id: 'getWorkflow', method: 'GET', path: `${path}/:id` },
    summary: 'Read one workflow',
    params: idParams,
    answers: { 200: workflow },
    /** @throws DomainError `NOT_FOUND` also for a workflow that belongs to a unit outside the key's */
    run: async (deps, { scope }, { params }) => ({
      body: answerOf(await getWorkflow(deps, params.id, scope)),
    }),
  }),
  operation({
    ...{ ...writes, id: 'createWorkflow', method: 'POST', path },
    summary: 'Create a workflow, as a draft without steps',
    description: 'It reaches only contacts and subscription types of its business units.',
    body: z.strictObject({ name, businessUnitIds: givenUnitIds }).meta({ id: 'NewWorkflow' }),
    answers: { 201: workflow },
    /** A repeat with the same key gives the workflow that it made. @throws DomainError `INVALID_FORM` for a unit that the key does not reach */
    run: async (deps, { scope, ref: by }, { body, callId }) => {
      const unitIds = await reachOf(deps, body, scope);
      const id = await createWorkflow(deps, { name: body.name, unitIds, by, id: callId.slice(0, 12) });
      const workflow = await getWorkflow(deps, id, scope);
      await recordAudit(deps, { ...workflowAudit(workflow, 'created'), by });
      return { body: answerOf(workflow) };
    },
  }),
  operation({
    ...{ ...writes, id: 'renameWorkflow', method: 'PATCH', path: `${path}/:id` },
    summary: 'Change the name of a workflow',
    params: idParams,
    body: z.strictObject({ name, revision }).meta({ id: 'WorkflowName' }),
    answers: { 200: workflow },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` if somebody else has changed the workflow */
    run: async (deps, { scope, ref: by }, { params, body: { name, revision } }) => {
      const workflow = await openForChange(deps, { id: params.id, scope, revision });
      await renameWorkflow(deps, workflow, name);
      await recordAudit(deps, { ...workflowAudit(workflow, `renamed to “${name}”`), by });
      return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
    },
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
    /**
     * Pauses, resumes or turns off a workflow. Repeating it changes nothing.
     * @throws DomainError `NOT_FOUND`; `CONFLICT` where staff could not do it, such as for a draft, or if somebody else changes the workflow
     */
    run: async (deps, { scope, ref: by }, { params, body: { state } }) => {
      const workflow = await getWorkflow(deps, params.id, scope);
      const { already, act, what } = changes[state];
      if (already.some((one) => one === workflow.state)) return { body: answerOf(workflow) };
      await act(deps, workflow);
      await recordAudit(deps, { ...workflowAudit(workflow, what), by });
      return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
    },
  }),
  operation({
    ...{ id: 'enrolContacts', method: 'POST', path: `${path}/:id/enrolments`, tag: 'Workflows' },
    scopes: ['contacts.write'],
    summary: 'Enrol contacts in a workflow by their e-mail addresses',
    description: 'The trigger is not asked. `CHANGED`: the contact was enrolled.',
    params: idParams,
    body: z.strictObject({ emails: someEmails }).meta({ id: 'Enrolments' }),
    answers: { 200: outcomes },
    /**
     * Enrols contacts in a workflow, by their e-mail addresses. The trigger is not asked.
     * @returns the outcome of each address, in their order: `CHANGED` for an enrolled contact, or why it was not enrolled
     * @throws DomainError `NOT_FOUND` for an unknown workflow, and for one that belongs to a unit outside the key's
     */
    run: async (deps, { scope, ref }, { params, body: { emails }, callId }) => {
      const workflow = await getWorkflow(deps, params.id, scope);
      const occasion = callId.slice(0, 22);
      const { results, isChanged } = await forEachContact(deps, emails, (contactIds) =>
        enrolByHand(deps, workflow, { contactIds, scope, occasion }),
      );
      if (isChanged) {
        const about = `workflow:${workflow._id}`;
        await recordAudit(deps, { kind: 'WORKFLOW_CHANGED', by: ref, about, detail: 'contacts enrolled' });
      }
      return { body: { results } };
    },
  }),
];

/** @param asked `revision` that the caller has seen, if it says one. @throws DomainError `NOT_FOUND`, `CONFLICT` */
export async function openForChange(
  deps: Deps,
  { id, scope, revision }: { id: string; scope: Scope; revision?: number | undefined },
): Promise<Workflow> {
  const workflow = await getWorkflow(deps, id, scope);
  if (revision !== undefined && revision !== workflow.revision)
    throw new DomainError('CONFLICT', 'Somebody else has changed this workflow.');
  return workflow;
}

function answerOf({ _id: id, name, unitIds, state, version, activatedAt, revision }: Workflow): object {
  return { id, name, businessUnitIds: unitIds, state, version, activatedAt, revision };
}
