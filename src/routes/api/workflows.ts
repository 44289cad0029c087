/** The API of workflows: what they are, their state, and enrolment by hand. */
import type { Deps } from '../../deps.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { enrolByHand } from '../../domain/workflows/by-hand.js';
import {
  createWorkflow,
  getWorkflow,
  pauseWorkflow,
  renameWorkflow,
  resumeWorkflow,
  turnOff,
  workflowAudit,
  workflowsWithin,
} from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { running, type Workflow } from '../../models/workflow.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reachOf } from './list-changes.js';
import { forEachContact } from './lists.js';
import type { Handler } from './operation.js';

interface OneWorkflow {
  params: { id: string };
}
interface Enrolments extends OneWorkflow {
  body: { emails: readonly string[] };
  /** A repeat of the call enrols no contact again. */
  callId: string;
}

export const showWorkflows: Handler<unknown> = async (deps, { scope }) => {
  return { body: { results: (await workflowsWithin(deps, scope)).map(answerOf) } };
};

/** @throws DomainError `NOT_FOUND` also for a workflow that belongs to a unit outside the key's */
export const showWorkflow: Handler<OneWorkflow> = async (deps, { scope }, { params }) => {
  return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
};

/** A repeat with the same key gives the workflow that it made. @throws DomainError `INVALID_FORM` for a unit that the key does not reach */
export const createWorkflowByApi: Handler<{
  body: { name: string; businessUnitIds?: number[] | null | undefined };
  callId: string;
}> = async (deps, { scope, ref: by }, { body, callId }) => {
  const unitIds = await reachOf(deps, body, scope);
  const id = await createWorkflow(deps, { name: body.name, unitIds, by, id: callId.slice(0, 12) });
  const workflow = await getWorkflow(deps, id, scope);
  await recordAudit(deps, { ...workflowAudit(workflow, 'created'), by });
  return { body: answerOf(workflow) };
};

/** @throws DomainError `NOT_FOUND`; `CONFLICT` if somebody else has changed the workflow */
export const renameWorkflowByApi: Handler<
  OneWorkflow & { body: { name: string; revision?: number | undefined } }
> = async (deps, { scope, ref: by }, { params, body: { name, revision } }) => {
  const workflow = await openForChange(deps, { id: params.id, scope, revision });
  await renameWorkflow(deps, workflow, name);
  await recordAudit(deps, { ...workflowAudit(workflow, `renamed to “${name}”`), by });
  return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
};

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

const changes = {
  ACTIVE: { already: running, act: resumeWorkflow, what: 'resumed' },
  PAUSED: { already: ['PAUSED'], act: pauseWorkflow, what: 'paused' },
  OFF: { already: ['OFF'], act: turnOff, what: 'turned off' },
} as const;

/**
 * Pauses, resumes or turns off a workflow. Repeating it changes nothing.
 * @throws DomainError `NOT_FOUND`; `CONFLICT` where staff could not do it, such as for a draft, or if somebody else changes the workflow
 */
export const setWorkflowState: Handler<OneWorkflow & { body: { state: keyof typeof changes } }> = async (
  deps,
  { scope, ref: by },
  { params, body: { state } },
) => {
  const workflow = await getWorkflow(deps, params.id, scope);
  const { already, act, what } = changes[state];
  if (already.some((one) => one === workflow.state)) return { body: answerOf(workflow) };
  await act(deps, workflow);
  await recordAudit(deps, { ...workflowAudit(workflow, what), by });
  return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
};

/**
 * Enrols contacts in a workflow, by their e-mail addresses. The trigger is not asked.
 * @returns the outcome of each address, in their order: `CHANGED` for an enrolled contact, or why it was not enrolled
 * @throws DomainError `NOT_FOUND` for an unknown workflow, and for one that belongs to a unit outside the key's
 */
export const enrolContactsByApi: Handler<Enrolments> = async (
  deps,
  { scope, ref },
  { params, body: { emails }, callId },
) => {
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
};

function answerOf({ _id: id, name, unitIds, state, version, activatedAt, revision }: Workflow): object {
  return { id, name, businessUnitIds: unitIds, state, version, activatedAt, revision };
}
