/** The API of workflows: what they are, their state, and enrolment by hand. */
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { enrolByHand } from '../../domain/workflows/by-hand.js';
import {
  getWorkflow,
  pauseWorkflow,
  resumeWorkflow,
  turnOff,
  workflowAudit,
  workflowsWithin,
} from '../../domain/workflows/workflows.js';
import { running, type Workflow } from '../../models/workflow.js';
import { forEachContact } from './lists.js';
import type { Answer } from './operation.js';

interface OneWorkflow {
  params: { id: string };
}
interface Enrolments extends OneWorkflow {
  body: { emails: readonly string[] };
  /** A repeat of the call enrols no contact again. */
  callId: string;
}

export async function showWorkflows(deps: Deps, { scope }: ApiCaller): Promise<Answer> {
  return { body: { results: (await workflowsWithin(deps, scope)).map(answerOf) } };
}

/** @throws DomainError `NOT_FOUND` also for a workflow that belongs to a unit outside the key's */
export async function showWorkflow(
  deps: Deps,
  { scope }: ApiCaller,
  { params }: OneWorkflow,
): Promise<Answer> {
  return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
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
export async function setWorkflowState(
  deps: Deps,
  { scope, ref: by }: ApiCaller,
  { params, body: { state } }: OneWorkflow & { body: { state: keyof typeof changes } },
): Promise<Answer> {
  const workflow = await getWorkflow(deps, params.id, scope);
  const { already, act, what } = changes[state];
  if (already.some((one) => one === workflow.state)) return { body: answerOf(workflow) };
  await act(deps, workflow);
  await recordAudit(deps, { ...workflowAudit(workflow, what), by });
  return { body: answerOf(await getWorkflow(deps, params.id, scope)) };
}

/**
 * Enrols contacts in a workflow, by their e-mail addresses. The trigger is not asked.
 * @returns the outcome of each address, in their order: `CHANGED` for an enrolled contact, or why it was not enrolled
 * @throws DomainError `NOT_FOUND` for an unknown workflow, and for one that belongs to a unit outside the key's
 */
export async function enrolContactsByApi(
  deps: Deps,
  { scope, ref }: ApiCaller,
  { params, body: { emails }, callId }: Enrolments,
): Promise<Answer> {
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
}

function answerOf({ _id: id, name, unitIds, state, version, activatedAt }: Workflow): object {
  return { id, name, businessUnitIds: unitIds, state, version, activatedAt };
}
