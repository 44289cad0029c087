/** An act may wait its turn behind others: what the page, the link or the undo was made for may be over by then. */
import type { Actor, Wish } from './terms.js';

interface Act {
  actor: Actor;
  wishes: Wish[];
  linkEpoch?: number;
  onlyAfter?: number;
}

/**
 * The act as it still may be done on the record as it is now.
 * @param act `linkEpoch` is that of the link that acts: one that was revoked meanwhile is fresh no more. `onlyAfter` is the newest event that
 *   the act knows of: where a later one has come, nothing is wished.
 */
export function asThingsStand(
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
