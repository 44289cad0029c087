/** Input and output of the rules. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type { Catalogue, Change, Channel, Circumstances, ConsentState } from '../../vocabulary/terms.js';

export type Verdict =
  /** `waits`: the contact must confirm it first. */
  | { kind: 'CHANGE'; changes: Change[]; waits?: true }
  | { kind: 'NO_CHANGE' }
  | { kind: 'REFUSED'; code: RefusalCode };

export const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });
export const changed = (...changes: Change[]): Verdict => ({ kind: 'CHANGE', changes });
/** The same, made only when somebody reads them: a page asks about thousands of types, and reads no changes. */
export const changedBy = (make: () => Change[]): Verdict => ({
  kind: 'CHANGE',
  get changes() {
    return make();
  },
});

/** An opt-in counts at once, or once the contact has confirmed it. */
export type WayIn = 'NOW' | 'CONFIRM';

/** What the rules need besides state, wish and actor. */
export interface RuleContext {
  catalogue: Catalogue;
  channel: Channel;
  now: Date;
  circumstances: Circumstances;
  /** False after erasure, until the address is known again. */
  hasAddress: boolean;
  /** The state before this act, if the act has several wishes. */
  before?: ConsentState;
  /** Types opted in by the same act, and how. Opting in to one of them does not affect the others. */
  companions?: ReadonlyMap<number, WayIn>;
  /** The id of a pending wish, by the type that it begins with. */
  newPendingId: (typeId: number) => string;
  /** Why no confirmation can be mailed, if none can. Then no wish becomes pending. */
  unconfirmable?: RefusalCode | null;
  /** Milliseconds after which a pending wish expires. */
  pendingLifetimeMs: number;
}

/** True for an erased subscriber whose address is not known again: no person could have asked to opt in. */
export function isGone(state: ConsentState, { hasAddress }: RuleContext): boolean {
  return state.erasedAt !== null && !hasAddress;
}
