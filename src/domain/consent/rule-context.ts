/** What the rules are asked with, and what they answer. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type { Catalogue, Change, Channel, Circumstances, ConsentState } from '../../vocabulary/terms.js';

export type Verdict =
  { kind: 'CHANGE'; changes: Change[] } | { kind: 'NO_CHANGE' } | { kind: 'REFUSED'; code: RefusalCode };

/** An opt-in counts at once, or once the contact has confirmed it. */
export type WayIn = 'NOW' | 'CONFIRM';

/** What the rules need to know besides state, wish and actor. */
export interface RuleContext {
  catalogue: Catalogue;
  channel: Channel;
  now: Date;
  circumstances: Circumstances;
  /** False once the address was erased and nobody has brought it back. */
  hasAddress: boolean;
  /** The state as this act found it, where the act has several wishes. */
  before?: ConsentState;
  /** Types opted in by the same act, and how: opting in to one of them leaves the others alone. */
  companions?: ReadonlyMap<number, WayIn>;
  /** The name of a wish that waits, by the type that it begins with. */
  newPendingId: (typeId: number) => string;
  /** Why no confirmation can be mailed, if none can: then nothing is left pending. */
  unconfirmable?: RefusalCode | null;
  /** Milliseconds for which a pending wish waits. */
  pendingLifetimeMs: number;
}

/** True for an erased subscriber whose address nobody has brought back: there is no one who could have asked to be let in. */
export function isGone(state: ConsentState, { hasAddress }: RuleContext): boolean {
  return state.erasedAt !== null && !hasAddress;
}
