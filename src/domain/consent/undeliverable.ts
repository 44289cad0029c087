/** An address that cannot receive: a hard bounce or a complaint marks it, and each is cleared in its own way. It is not an opt-out. */
import { scopeOf } from './actors.js';
import { isGone, type RuleContext, type Verdict } from './rule-context.js';
import type { Actor, ConsentState, Wish } from '../../vocabulary/terms.js';

type Of<Kind extends Wish['kind']> = Extract<Wish, { kind: Kind }>;

/** A complaint outlives a bounce, so reports that come twice or out of order change nothing. */
export function decideMark(
  { undeliverable }: ConsentState,
  { reason, soft }: Of<'MARK_UNDELIVERABLE'>,
  actor: Actor,
): Verdict {
  if (actor.kind !== 'SYSTEM') return { kind: 'REFUSED', code: 'NOT_ALLOWED' };
  if (undeliverable?.reason === reason || undeliverable?.reason === 'COMPLAINT') return { kind: 'NO_CHANGE' };
  const why = soft === undefined ? { reason } : { reason, soft };
  return { kind: 'CHANGE', changes: [{ op: 'UNDELIVERABLE', unitId: null, typeId: null, ...why }] };
}

/**
 * Staff who reach all units clear a hard bounce, with an explanation. Only the contact clears a complaint, by the link in a mail (specification
 * "Bounces and complaints").
 */
export function decideClear(
  state: ConsentState,
  { seq }: Of<'CLEAR_UNDELIVERABLE'>,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const { undeliverable } = state;
  if (!undeliverable) return { kind: 'NO_CHANGE' };
  const refused = (code: Extract<Verdict, { kind: 'REFUSED' }>['code']): Verdict => ({
    kind: 'REFUSED',
    code,
  });
  if (isGone(state, context)) return refused('ERASED');
  if (undeliverable.reason === 'COMPLAINT') {
    // A copied link is not the mail, so it confirms nothing.
    if (actor.kind !== 'CONTACT' || actor.by) return refused('NOT_ALLOWED');
    if (!actor.isLinkFresh || undeliverable.seq !== seq) return refused('LINK_EXPIRED');
  } else {
    if (actor.kind !== 'STAFF' || actor.isBulk || scopeOf(actor) !== null) return refused('NOT_ALLOWED');
    if (!context.circumstances.explanation?.trim()) return refused('EXPLANATION_REQUIRED');
  }
  const was = undeliverable.reason;
  return { kind: 'CHANGE', changes: [{ op: 'DELIVERABLE', unitId: null, typeId: null, was }] };
}
