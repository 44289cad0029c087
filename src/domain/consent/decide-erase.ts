/** Erasing a person: the data goes, the suppression stays (decision 0005). */
import type { RefusalCode } from '../../errors.js';
import { isGone, optOutOfAll } from './rule-changes.js';
import type { RuleContext } from './rule-changes.js';
import type { Verdict } from './rules.js';
import type { Actor, Change, ConsentState } from './terms.js';

const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });

/** For staff, and for a contact whose link is fresh. */
export function decideErase(state: ConsentState, actor: Actor, context: RuleContext): Verdict {
  if (isGone(state, context)) return { kind: 'NO_CHANGE' };
  const mayErase = actor.kind === 'STAFF' || (actor.kind === 'CONTACT' && actor.isLinkFresh);
  if (!mayErase) return refused(actor.kind === 'CONTACT' ? 'LINK_EXPIRED' : 'NOT_ALLOWED');
  // A person who asks to be erased asks for no more mail: the opt-out is the person's, also where staff do it.
  const stop = optOutOfAll(state, null, 'CONTACT', context);
  const changes: Change[] = stop.kind === 'CHANGE' ? [...stop.changes] : [];
  changes.push({ op: 'LINKS_REVOKED', unitId: null, typeId: null, from: state.epoch, to: state.epoch + 1 });
  changes.push({ op: 'ERASED', unitId: null, typeId: null });
  return { kind: 'CHANGE', changes };
}
