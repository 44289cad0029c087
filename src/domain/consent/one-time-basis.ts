/**
 * A call or a one-to-one mail to a contact who opted out of all: allowed once, on a recorded legal basis (specification
 * "May we send?").
 */
import type { Verdict } from './rule-context.js';
import { isGone } from './rule-context.js';
import type { RuleContext } from './rule-context.js';
import type { Actor, ConsentState, Wish } from '../../vocabulary/terms.js';

/** Records the basis of one communication and changes no status. Without an opt-out of all, no basis is needed. */
export function decideCommunication(
  state: ConsentState,
  { unitId, purpose }: Extract<Wish, { kind: 'RECORD_COMMUNICATION' }>,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const { legalBasis, explanation } = context.circumstances;
  if (!state.optOuts.portal && !state.optOuts.units[unitId]) return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'STAFF') return { kind: 'REFUSED', code: 'NOT_ALLOWED' };
  if (isGone(state, context)) return { kind: 'REFUSED', code: 'ERASED' };
  if (!legalBasis) return { kind: 'REFUSED', code: 'LEGAL_BASIS_REQUIRED' };
  if (!explanation?.trim()) return { kind: 'REFUSED', code: 'EXPLANATION_REQUIRED' };
  return { kind: 'CHANGE', changes: [{ op: 'ONE_TIME_BASIS', unitId, typeId: null, purpose }] };
}
