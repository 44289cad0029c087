/** The API of workflows: enrolment by hand. */
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { enrolByHand } from '../../domain/workflows/by-hand.js';
import { getWorkflow } from '../../domain/workflows/workflows.js';
import { forEachContact } from './lists.js';
import type { Answer } from './operation.js';

interface Enrolments {
  params: { id: string };
  body: { emails: readonly string[] };
  /** A repeat of the call enrols no contact again. */
  callId: string;
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
