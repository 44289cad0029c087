/** Enrolment by hand: from the contacts index, a list, a record, or the API. The trigger is not asked, and everything else holds. */
import { findContactsById } from '../../models/contact.js';
import type { LeaveReason } from '../../models/enrolment.js';
import { enrolling, type Workflow } from '../../models/workflow.js';
import type { RowRefusal } from '../../vocabulary/refusal-codes.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import { enrol, type WantedEnrolment } from './enrol.js';
import type { EvaluateDeps } from './evaluate.js';
import { publishedOf } from './published.js';

export type HandOutcome = 'CHANGED' | RowRefusal;

/**
 * Enrols contacts in the published version of a workflow.
 * @param wanted `contactIds`: a few hundred at a time; `scope` of the acting user or key; `occasion` names this act, and the same act enrols once,
 *   however often it is repeated; `beforeWrite` throws if the write would come too late
 * @returns the outcome of each contact, in their order. `CHANGED`: enrolled
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function enrolByHand(
  deps: EvaluateDeps,
  workflow: Workflow,
  wanted: { contactIds: readonly string[]; scope: Scope; occasion: string; beforeWrite?: () => void },
): Promise<HandOutcome[]> {
  const { contactIds, scope, beforeWrite } = wanted;
  const isActive = enrolling.some((state) => state === workflow.state);
  const [published] = isActive ? await publishedOf(deps, [workflow]) : [];
  if (!published) return contactIds.map(() => 'INACTIVE');
  const found = await reading(() => findContactsById(deps.models.contacts, contactIds));
  const contacts = new Map(found.map((contact) => [contact._id, contact]));
  const refusals = contactIds.map((id): RowRefusal | null => {
    const contact = contacts.get(id);
    if (!contact || !isAnyInScope(scope, contact.unitIds)) return 'NO_CONTACT';
    return refusalOf[published.whyLeave(contact) ?? 'TRIGGER_UNMET'] ?? null;
  });
  const occasion = `hand-${wanted.occasion}`;
  const asked = contactIds.filter((_, at) => refusals[at] === null);
  beforeWrite?.();
  const outcomes = await enrol(
    deps,
    asked.map((contactId): WantedEnrolment => ({
      ...{ published, contactId, occasion, cause: 'BY_HAND', depth: 0 },
    })),
  );
  const outcomeOf = new Map(asked.map((id, at) => [id, outcomes[at]]));
  return contactIds.map((id, at) => {
    const outcome = outcomeOf.get(id) ?? 'ENROLLED';
    return refusals[at] ?? (outcome === 'ENROLLED' ? 'CHANGED' : outcome);
  });
}

/** Why a contact is not enrolled by hand. The trigger does not matter. */
const refusalOf: Readonly<Partial<Record<LeaveReason, RowRefusal>>> = {
  NO_CONTACT: 'NO_CONTACT',
  OTHER_UNIT: 'OTHER_UNIT',
  SUPPRESSED: 'SUPPRESSED',
  GOAL: 'GOAL',
};
