/** Opt-outs that a machine made in a contact's name: which stand, and how staff put one right where the contact says so. */
import type { RefusalCode } from '../../errors.js';
import { isGone, isOptInBlocked, isOvertaken } from './rule-changes.js';
import type { RuleContext } from './rule-changes.js';
import type { Verdict } from './rules.js';
import type { Actor, Catalogue, Change, ConsentEvent, ConsentState, MachineMade } from './terms.js';
import type { Standing, Wish } from './terms.js';
import { isByContact } from './weight.js';

/** One that stands: of a type, of all of a unit, or (both null) of the whole account. */
export interface MachineOptOut {
  unitId: number | null;
  typeId: number | null;
  standing: Standing;
}

type OptOuts = Pick<ConsentState, 'statuses' | 'optOuts'>;

/** Every machine-made opt-out that stands, from the widest level to the types. */
export function machineOptOutsOf(
  { statuses, optOuts }: OptOuts,
  { types }: Pick<Catalogue, 'types'>,
): MachineOptOut[] {
  const all: MachineOptOut[] = [];
  if (optOuts.portal) all.push({ unitId: null, typeId: null, standing: optOuts.portal });
  for (const [id, standing] of Object.entries(optOuts.units))
    all.push({ unitId: Number(id), typeId: null, standing });
  for (const [id, standing] of Object.entries(statuses)) {
    const type = types.get(Number(id));
    if (type && standing.status === 'UNSUBSCRIBED')
      all.push({ unitId: type.unitId, typeId: type.id, standing });
  }
  return all.filter(({ standing }) => isMachines(standing));
}

/** What the subscriber's document says of them, so that they can be listed; null where none stands. */
export function machineMadeOf(state: OptOuts, catalogue: Pick<Catalogue, 'types'>): MachineMade | null {
  const standing = machineOptOutsOf(state, catalogue);
  if (standing.length === 0) return null;
  const units = standing.map(({ unitId }) => (unitId === null ? 'portal' : String(unitId)));
  return {
    at: new Date(Math.max(...standing.map((one) => one.standing.at.getTime()))),
    of: ['all', ...[...new Set(units)].sort()],
  };
}

/** The wish that puts right what this event did. */
export function undoMachineOptOut({ seq, change }: Pick<ConsentEvent, 'seq' | 'change'>): Wish {
  return { kind: 'UNDO_MACHINE_OPT_OUT', event: { seq, change } };
}

/**
 * Gives back what stood before a machine opted out, where nothing has changed since: the event that is told of must be the very one that
 * made what stands. A person's own opt-out is never touched.
 */
export function decideUndoMachineOptOut(
  state: ConsentState,
  { seq, change }: Pick<ConsentEvent, 'seq' | 'change'>,
  actor: Actor,
  context: RuleContext,
): Verdict {
  if (!isOptOut(change)) return refused('NOT_ALLOWED');
  const standing = standingOver(state, change);
  if (!standing) return { kind: 'NO_CHANGE' };
  if (isByContact(standing) && !standing.isMachine) return refused('PREVIOUSLY_OPTED_OUT');
  if (standing.seq !== seq || !isMachines(standing)) return { kind: 'NO_CHANGE' };
  if (actor.kind !== 'STAFF') return refused('NOT_ALLOWED');
  // What an opt-in left in place of a wider opt-out is as much the contact's no as that was.
  if (change.isRemainder) return refused('PREVIOUSLY_OPTED_OUT');
  if (isOvertaken(actor, [standing])) return refused('PREVIOUSLY_OPTED_OUT');
  if (isGone(state, context)) return refused('ERASED');
  const refusal =
    (standing.beneath ? null : refusalOfReturn(state, change, actor, context)) ??
    (context.circumstances.explanation?.trim() ? null : 'EXPLANATION_REQUIRED');
  return refusal ? refused(refusal) : { kind: 'CHANGE', changes: givenBack(change, standing) };
}

type OptOutChange = Extract<Change, { op: 'STATUS' | 'OPT_OUT_OF_ALL' }>;

/** Where another said no too, before the machine or after it, that is what stands again. */
function givenBack(change: OptOutChange, { beneath }: Standing): Change[] {
  if (change.op === 'OPT_OUT_OF_ALL') {
    const { op, unitId, typeId } = change;
    if (beneath) return [{ op, unitId, typeId, from: true, to: true, isHandedBack: true }];
    const lift: Change = { op, unitId, typeId, from: true, to: false };
    return change.from ? [lift, { op, unitId, typeId, from: false, to: true }] : [lift];
  }
  const { op, unitId, typeId } = change;
  if (beneath) return [{ op, unitId, typeId, from: 'UNSUBSCRIBED', to: 'UNSUBSCRIBED', isHandedBack: true }];
  if (change.from !== 'UNSUBSCRIBED') return [{ op, unitId, typeId, from: 'UNSUBSCRIBED', to: change.from }];
  return [
    { op, unitId, typeId, from: 'UNSUBSCRIBED', to: 'NOT_SPECIFIED' },
    { op, unitId, typeId, from: 'NOT_SPECIFIED', to: 'UNSUBSCRIBED' },
  ];
}

/** Where mail comes again by it, that is an opt-in like another: with a basis in privacy mode, and of a type that is still sent. */
function refusalOfReturn(
  state: ConsentState,
  change: OptOutChange,
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  const lacksBasis = context.catalogue.isPrivacyMode && !context.circumstances.legalBasis;
  if (change.op === 'STATUS') {
    if (change.from !== 'SUBSCRIBED') return null;
    const type = context.catalogue.types.get(change.typeId);
    if (!type) return 'UNKNOWN_TYPE';
    return isOptInBlocked(state, type, actor, context) ?? (lacksBasis ? 'LEGAL_BASIS_REQUIRED' : null);
  }
  if (change.from || !lacksBasis) return null;
  const comesBack = context.catalogue.orderedTypes.some(
    (type) =>
      (change.unitId === null || change.unitId === type.unitId) &&
      type.channel === context.channel &&
      state.statuses[type.id]?.status === 'SUBSCRIBED',
  );
  return comesBack ? 'LEGAL_BASIS_REQUIRED' : null;
}

function standingOver(state: ConsentState, change: OptOutChange): Standing | null {
  if (change.op === 'OPT_OUT_OF_ALL')
    return change.unitId === null ? state.optOuts.portal : (state.optOuts.units[change.unitId] ?? null);
  const own = state.statuses[change.typeId];
  return own?.status === 'UNSUBSCRIBED' ? own : null;
}

function isOptOut(change: Change): change is OptOutChange {
  if (change.op === 'STATUS') return change.to === 'UNSUBSCRIBED';
  return change.op === 'OPT_OUT_OF_ALL' && change.to;
}

/** True where nobody but a machine said no, so that staff may still note somebody's own word. */
export function isMachinesAlone(standing: Standing): boolean {
  return isMachines(standing) && standing.beneath === undefined;
}

function isMachines(standing: Standing): boolean {
  return isByContact(standing) && standing.isMachine === true;
}

const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });
