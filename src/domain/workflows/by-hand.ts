/** Enrolment by hand: the trigger is not asked, and everything else holds. */
import { randomBytes } from 'node:crypto';
import type { Contact } from '../../models/contact.js';
import { enrolling, type Workflow } from '../../models/workflow.js';
import { enrol } from './enrol.js';
import type { EvaluateDeps } from './evaluate.js';
import { publishedOf } from './published.js';

/** `AGAIN`: it is under way, or was enrolled before and the workflow enrols once. */
export type HandResult = 'ENROLLED' | 'AGAIN' | 'REFUSED' | 'INACTIVE';

export async function enrolByHand(
  deps: EvaluateDeps,
  workflow: Workflow,
  contact: Contact,
): Promise<HandResult> {
  if (!enrolling.some((state) => state === workflow.state)) return 'INACTIVE';
  const [published] = await publishedOf(deps, [workflow]);
  if (!published) return 'INACTIVE';
  const reason = published.whyLeave(contact);
  if (reason !== null && reason !== 'TRIGGER_UNMET') return 'REFUSED';
  const occasion = `hand-${randomBytes(9).toString('base64url')}`;
  const count = await enrol(deps, [
    { published, contactId: contact._id, occasion, cause: 'BY_HAND', depth: 0 },
  ]);
  return count === 1 ? 'ENROLLED' : 'AGAIN';
}
