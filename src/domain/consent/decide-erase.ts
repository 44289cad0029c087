/** Erasing a person deletes the data and keeps the suppression (decision 0005). */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { optOutOfAll } from './rule-changes.js';
import { isGone } from './rule-context.js';
import type { RuleContext } from './rule-context.js';
import type { Verdict } from './rule-context.js';
import type { Actor, Change, ConsentState } from '../../vocabulary/terms.js';

const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });

/**
 * For staff, and for a contact with a fresh link. A link that staff copied cannot erase: the role of the person who
 * copied it may not allow it (decision 0574).
 */
export function decideErase(state: ConsentState, actor: Actor, context: RuleContext): Verdict {
  if (isGone(state, context)) return { kind: 'NO_CHANGE' };
  if (actor.kind === 'CONTACT' && actor.by) return refused('NOT_ALLOWED');
  const mayErase = actor.kind === 'STAFF' || (actor.kind === 'CONTACT' && actor.isLinkFresh);
  if (!mayErase) return refused(actor.kind === 'CONTACT' ? 'LINK_EXPIRED' : 'NOT_ALLOWED');
  // A person who asks to be erased wants no more mail, so the opt-out is the person's even if staff erase.
  const stop = optOutOfAll(state, null, 'CONTACT', context);
  const changes: Change[] = stop.kind === 'CHANGE' ? [...stop.changes] : [];
  changes.push({ op: 'LINKS_REVOKED', unitId: null, typeId: null, from: state.epoch, to: state.epoch + 1 });
  changes.push({ op: 'ERASED', unitId: null, typeId: null });
  return { kind: 'CHANGE', changes };
}
