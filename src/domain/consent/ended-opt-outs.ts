/** Opt-outs that have ended. A workflow never opts in a contact that opted out before (decision 0722). */
import { isCoveredByAll, type Covered } from './effective.js';
import type { Drafts } from './drafts.js';
import { hasParty } from './opt-out-sets.js';
import { targetKeyOf } from './undo-save.js';
import type { Change, ConsentState, EndedOptOut, OptOutSet, Standing } from '../../vocabulary/terms.js';

type Ended = NonNullable<ConsentState['endedOptOuts']>;

/** True if an opt-out of the type, of its unit or of the account has ended, and the contact itself has not opted in to the type since. */
export function hasOptedOutBefore({ endedOptOuts = {} }: ConsentState, type: Covered): boolean {
  const own = endedOptOuts[`type:${type.id}`];
  const wide = isCoveredByAll(type) ? [endedOptOuts['portal'], endedOptOuts[`unit:${type.unitId}`]] : [];
  return [own, ...wide].some((one) => (one?.out ?? 0) > (own?.in ?? 0));
}

/** True if a target's opt-out has ended, and the contact has not opted in since. */
export function isUnanswered(ended: EndedOptOut | undefined): boolean {
  return (ended?.out ?? 0) > (ended?.in ?? 0);
}

/**
 * The ended opt-outs after a change. An opt-out ends without a note only if the contact opts in to the type, undoes its save, or has an automated
 * opt-out corrected.
 * @param state before the change
 */
export function endedAfter(
  state: ConsentState,
  change: Change,
  { by, seq }: Pick<Standing, 'by' | 'seq'>,
  drafts: Drafts,
): Ended {
  const ended = state.endedOptOuts ?? {};
  const key = targetKeyOf(change);
  if (key === null) return ended;
  if ('isRestored' in change && change.isRestored)
    return drafts.with(ended, key, state.undoable?.before[key]?.ended);
  if (change.op !== 'STATUS' && change.op !== 'OPT_OUT_OF_ALL') return ended;
  if (change.op === 'STATUS' && change.to === 'SUBSCRIBED' && !change.removes && by === 'CONTACT') {
    // Opt-outs of all that have ended still count for the other types.
    const isWide = ended['portal'] !== undefined || ended[`unit:${change.unitId}`] !== undefined;
    return drafts.with(ended, key, isWide ? { in: seq } : null);
  }
  if (!change.isEnded && !endsOptOut(change, setOf(state, change))) return ended;
  return drafts.with(ended, key, { ...ended[key], out: seq });
}

type Decision = Extract<Change, { op: 'STATUS' | 'OPT_OUT_OF_ALL' }>;

function endsOptOut(change: Decision, set: OptOutSet | null): boolean {
  const { removes, isHandedBack, isMovedDown, to } = change;
  if (!set || isHandedBack || isMovedDown) return false;
  // Staff correct an automated opt-out because the contact did not opt out.
  if (removes) return removes !== 'AUTOMATED' && hasParty(set, removes);
  return to !== 'UNSUBSCRIBED' && to !== true;
}

function setOf({ optOuts: { portal, units, types } }: ConsentState, change: Decision): OptOutSet | null {
  if (change.op === 'STATUS') return types[change.typeId] ?? null;
  return change.unitId === null ? portal : (units[change.unitId] ?? null);
}
