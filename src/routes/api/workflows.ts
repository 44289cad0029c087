/** The API of workflows: enrolment by hand. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { enrolByHand } from '../../domain/workflows/by-hand.js';
import { getWorkflow } from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { forEachContact } from './lists.js';

const mostEmails = 500;
const enrolmentsSchema = z.strictObject({
  emails: z.array(z.string().min(1).max(400)).min(1).max(mostEmails),
});

/**
 * Enrols contacts in a workflow, by their e-mail addresses. The trigger is not asked.
 * @param repeatKey the caller's `Idempotency-Key`: a repeat with the same one enrols nobody again, and has the same outcomes
 * @returns the outcome of each address, in their order: `CHANGED` for an enrolled contact, or why it was not enrolled
 * @throws DomainError `NOT_FOUND` for an unknown workflow, and for one that belongs to a unit outside the key's; `INVALID_FORM`
 */
export async function enrolContactsByApi(
  deps: Deps,
  { scope, ref }: ApiCaller,
  asked: { workflowId: unknown; body: unknown; repeatKey: string | undefined },
): Promise<object> {
  const { workflowId, body, repeatKey } = asked;
  const workflow = await getWorkflow(deps, typeof workflowId === 'string' ? workflowId : '', scope);
  const read = enrolmentsSchema.safeParse(body);
  if (!read.success) throw new DomainError('INVALID_FORM', `Send up to ${mostEmails} addresses as "emails".`);
  const occasion = repeatKey
    ? createHash('sha256').update(`${ref} ${repeatKey}`).digest('base64url').slice(0, 22)
    : randomBytes(9).toString('base64url');
  const { results, isChanged } = await forEachContact(deps, read.data.emails, (contactIds) =>
    enrolByHand(deps, workflow, { contactIds, scope, occasion }),
  );
  if (isChanged) {
    const about = `workflow:${workflow._id}`;
    await recordAudit(deps, { kind: 'WORKFLOW_CHANGED', by: ref, about, detail: 'contacts enrolled' });
  }
  return { results };
}
