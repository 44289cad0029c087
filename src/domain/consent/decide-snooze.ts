/** Pausing one type for a while. Only its contact can do that. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type { RuleContext } from './rule-context.js';
import type { Verdict } from './rule-context.js';
import type { Actor, ConsentState, SubscriptionType } from '../../vocabulary/terms.js';

const dayMs = 86_400_000;
const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });

/** @param days 0 resumes it */
export function decideSnooze(
  state: ConsentState,
  type: SubscriptionType,
  days: number,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const standing = state.snoozes[type.id];
  const from = standing && standing.until > context.now ? standing.until : null;
  const to = days === 0 ? null : new Date(context.now.getTime() + days * dayMs);
  // The same choice, sent again within a moment, changes nothing.
  if (from === to || (from && to && Math.abs(to.getTime() - from.getTime()) < dayMs))
    return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'CONTACT') return refused('NOT_ALLOWED');
  if (!actor.isLinkFresh) return refused('LINK_EXPIRED');
  if (type.isInternal) return refused('UNKNOWN_TYPE');
  if (!type.isActive) return refused('TYPE_ARCHIVED');
  return {
    kind: 'CHANGE',
    changes: [{ op: 'SNOOZE', unitId: type.unitId, typeId: type.id, from, to }],
  };
}
