/** An act on the current state: while it waited, its link may have been revoked, or a later act may have made its undo void. */
import type { Actor, Wish } from '../../vocabulary/terms.js';

interface Act {
  actor: Actor;
  wishes: Wish[];
  linkEpoch?: number;
  onlyAfter?: number;
}

/**
 * The part of the act that the current record still allows.
 * @param act `linkEpoch` is that of the link that acts: a link that was revoked in the meantime counts as expired.
 *   `onlyAfter` is the newest event that the act has seen: after a later event, the act has no wishes.
 */
export function onCurrentState(
  { actor, wishes, linkEpoch, onlyAfter }: Act,
  { epoch, seq }: { epoch: number; seq: number },
): { actor: Actor; wishes: Wish[] } {
  const isRevoked = linkEpoch !== undefined && linkEpoch < epoch;
  const isOvertaken = onlyAfter !== undefined && onlyAfter !== seq;
  return {
    actor: actor.kind === 'CONTACT' && isRevoked ? { ...actor, isLinkFresh: false } : actor,
    wishes: isOvertaken ? [] : wishes,
  };
}
