/** Automated opt-outs, which a machine probably made in a contact's name, and how staff correct one when the contact asks. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { ownStatus, type Decided } from './effective.js';
import { hasParty, withoutParty } from './opt-out-sets.js';
import { isOptInBlocked, isOvertaken, setOfAll } from './rule-changes.js';
import { changed, isGone, refused, type RuleContext, type Verdict } from './rule-context.js';
import type {
  Actor,
  Catalogue,
  Change,
  ConsentState,
  MachineMade,
  OptOut,
  OptOutSet,
  OptOutTarget,
  Wish,
} from '../../vocabulary/terms.js';

/** One automated opt-out that is in effect. */
export interface MachineOptOut extends OptOutTarget {
  standing: OptOut;
  /** Every party's opt-out of the same target. */
  optOuts: OptOutSet;
}

/**
 * Every automated opt-out, from the widest level to the types, except where the contact itself has opted out since.
 * @param scope omits those of other units; the rules decide whether one may be corrected
 */
export function machineOptOutsOf(
  { optOuts: { portal, units, types: ofTypes } }: Pick<Decided, 'optOuts'>,
  { types }: Pick<Catalogue, 'types'>,
  scope: Scope = null,
): MachineOptOut[] {
  const targets: Omit<MachineOptOut, 'standing'>[] = [
    ...(portal ? [{ unitId: null, typeId: null, optOuts: portal }] : []),
    ...Object.entries(units).map(([id, optOuts]) => ({ unitId: Number(id), typeId: null, optOuts })),
    ...Object.entries(ofTypes).flatMap(([id, optOuts]) => {
      const type = types.get(Number(id));
      return type ? [{ unitId: type.unitId, typeId: type.id, optOuts }] : [];
    }),
  ];
  return targets.flatMap((target) => {
    const standing = target.optOuts.find(({ party }) => party === 'AUTOMATED');
    const isShown = target.unitId === null || isInScope(scope, target.unitId);
    return isShown && standing && !hasParty(target.optOuts, 'CONTACT') ? [{ ...target, standing }] : [];
  });
}

/** The list of automated opt-outs in the subscriber's document; null if there are none. */
export function machineMadeOf(
  state: Pick<Decided, 'optOuts'>,
  catalogue: Pick<Catalogue, 'types'>,
): MachineMade | null {
  const made = machineOptOutsOf(state, catalogue);
  if (made.length === 0) return null;
  const units = made.map(({ unitId }) => (unitId === null ? 'portal' : String(unitId)));
  return {
    at: new Date(Math.max(...made.map((one) => one.standing.at.getTime()))),
    of: ['all', ...[...new Set(units)].sort()],
  };
}

/** `type-3-17`: names an automated opt-out of one subscriber by its target and the event that made it, for forms. */
export function machineOptOutKey({ unitId, typeId, standing: { seq } }: MachineOptOut): string {
  const target = typeId !== null ? `type-${typeId}` : unitId !== null ? `unit-${unitId}` : 'all';
  return `${target}-${seq}`;
}

/** The wish that corrects one. */
export function undoMachineOptOut({ unitId, typeId, standing: { seq } }: MachineOptOut): Wish {
  return { kind: 'UNDO_MACHINE_OPT_OUT', of: { unitId, typeId, seq } };
}

type Correction = Extract<Wish, { kind: 'UNDO_MACHINE_OPT_OUT' }>['of'];

/**
 * Removes an automated entry if it is still the one that event `seq` made. Other parties' entries remain. If none do, the subscription counts again,
 * which is an opt-in. The contact's own opt-out is never touched.
 */
export function decideUndoMachineOptOut(
  state: ConsentState,
  of: Correction,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const set = setOf(state, of);
  if (!set) return { kind: 'NO_CHANGE' };
  if (hasParty(set, 'CONTACT')) return refused('PREVIOUSLY_OPTED_OUT');
  if (!set.some(({ party, seq }) => party === 'AUTOMATED' && seq === of.seq)) return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'STAFF') return refused('NOT_ALLOWED');
  if (isOvertaken(actor, set)) return refused('PREVIOUSLY_OPTED_OUT');
  if (isGone(state, context)) return refused('ERASED');
  const change = changeOf(state, of, withoutParty(set, 'AUTOMATED') !== null);
  const refusal =
    refusalOfReturn(state, change, actor, context) ??
    (context.circumstances.explanation?.trim() ? null : 'EXPLANATION_REQUIRED');
  return refusal ? refused(refusal) : changed(change);
}

type Removal = Extract<Change, { op: 'STATUS' | 'OPT_OUT_OF_ALL' }>;

function changeOf(state: ConsentState, { unitId, typeId }: Correction, isStillOut: boolean): Removal {
  const removes = 'AUTOMATED';
  if (typeId === null || unitId === null)
    return { op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to: isStillOut, removes };
  const left = state.subscriptions[typeId] ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
  const to = isStillOut ? 'UNSUBSCRIBED' : left;
  return { op: 'STATUS', unitId, typeId, from: 'UNSUBSCRIBED', to, removes };
}

/** If mail resumes by it: requires a legal basis in privacy mode, and an active type. */
function refusalOfReturn(
  state: ConsentState,
  change: Removal,
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  const lacksBasis = context.catalogue.isPrivacyMode && !context.circumstances.legalBasis;
  if (change.op === 'STATUS') {
    if (change.to !== 'SUBSCRIBED') return null;
    const type = context.catalogue.types.get(change.typeId);
    if (!type) return 'UNKNOWN_TYPE';
    return isOptInBlocked(state, type, actor, context) ?? (lacksBasis ? 'LEGAL_BASIS_REQUIRED' : null);
  }
  if (change.to || !lacksBasis) return null;
  const comesBack = context.catalogue.orderedTypes.some(
    (type) =>
      (change.unitId === null || change.unitId === type.unitId) &&
      type.channel === context.channel &&
      ownStatus(state, type.id) === 'SUBSCRIBED',
  );
  return comesBack ? 'LEGAL_BASIS_REQUIRED' : null;
}

function setOf(state: ConsentState, { unitId, typeId }: Correction): OptOutSet | null {
  return typeId === null ? setOfAll(state, unitId) : (state.optOuts.types[typeId] ?? null);
}
