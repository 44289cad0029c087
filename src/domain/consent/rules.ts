/** Who may change what: the specification's table as data, and the pure function that reads it. */
import type { RefusalCode } from '../../errors.js';
import { livePending } from './apply.js';
import { decideErase } from './decide-erase.js';
import { decideSnooze } from './decide-snooze.js';
import { effectiveStatus, standingOptOuts } from './effective.js';
import { decideUndoMachineOptOut } from './machine-opt-outs.js';
import { decideCommunication } from './one-time-basis.js';
import {
  isGone,
  isOptInBlocked,
  isOvertaken,
  lifted,
  optOut,
  optOutOfAll,
  pend,
  type RuleContext,
} from './rule-changes.js';
import type { Actor, Change, ConsentState, Standing, SubscriptionType, Wish } from './terms.js';
import { isByContact, isStaffsToLift } from './weight.js';

export type Verdict =
  { kind: 'CHANGE'; changes: Change[] } | { kind: 'NO_CHANGE' } | { kind: 'REFUSED'; code: RefusalCode };

/** The rows of the table. */
export const ruleRows = [
  'CONTACT_FRESH',
  'CONTACT_EXPIRED',
  'ONE_CLICK',
  'STAFF_SINGLE',
  'STAFF_BULK',
  'IMPORT',
  'WORKFLOW',
  'API_V3',
  'API_V4',
  'SYSTEM',
] as const;
export type RuleRow = (typeof ruleRows)[number];

/** What a cell of the table says. */
export type Cell =
  | 'YES'
  | 'NO'
  /** No: a fresh link is mailed instead. */
  | 'FRESH_LINK'
  /** Yes; pending where the unit uses double opt-in. */
  | 'YES_OR_PENDING'
  /** With explanation, and with a legal basis in privacy mode. */
  | 'EXPLAINED'
  /** The same, but never where the contact opted out. */
  | 'EXPLAINED_UNLESS_CONTACT'
  /** Yes; with basis and explanation in privacy mode. */
  | 'EXPLAINED_IN_PRIVACY_MODE'
  /** With basis and explanation; where the contact opted out, only on evidence of a later consent. */
  | 'EVIDENCED'
  | 'NEVER_AFTER_OPT_OUT'
  | 'BY_OPTING_IN'
  | 'ONLY_SET_BY_STAFF';

interface Row {
  optOut: Cell;
  optIn: Cell;
  optInAfterOptOut: Cell;
  setBack: Cell;
  lift: Cell;
}

/** The table of the specification, "Who may change what". */
// prettier-ignore
export const rules: Readonly<Record<RuleRow, Row>> = {
  CONTACT_FRESH:   { optOut: 'YES', optIn: 'YES_OR_PENDING',            optInAfterOptOut: 'YES_OR_PENDING',           setBack: 'NO',  lift: 'BY_OPTING_IN' },
  CONTACT_EXPIRED: { optOut: 'YES', optIn: 'FRESH_LINK',                optInAfterOptOut: 'FRESH_LINK',               setBack: 'NO',  lift: 'NO' },
  ONE_CLICK:       { optOut: 'YES', optIn: 'NO',                        optInAfterOptOut: 'NO',                       setBack: 'NO',  lift: 'NO' },
  STAFF_SINGLE:    { optOut: 'YES', optIn: 'EXPLAINED',                 optInAfterOptOut: 'EXPLAINED',                setBack: 'YES', lift: 'ONLY_SET_BY_STAFF' },
  STAFF_BULK:      { optOut: 'YES', optIn: 'EXPLAINED',                 optInAfterOptOut: 'EXPLAINED_UNLESS_CONTACT', setBack: 'YES', lift: 'ONLY_SET_BY_STAFF' },
  IMPORT:          { optOut: 'YES', optIn: 'NO',                        optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'NO' },
  WORKFLOW:        { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'NO' },
  API_V3:          { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'NO' },
  API_V4:          { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'EVIDENCED',                setBack: 'NO',  lift: 'NO' },
  SYSTEM:          { optOut: 'NO',  optIn: 'NO',                        optInAfterOptOut: 'NO',                       setBack: 'NO',  lift: 'NO' },
};

/** The table's row for an actor. */
export function rowOf(actor: Actor): RuleRow {
  switch (actor.kind) {
    case 'CONTACT':
      return actor.isLinkFresh ? 'CONTACT_FRESH' : 'CONTACT_EXPIRED';
    case 'STAFF':
      return actor.isBulk ? 'STAFF_BULK' : 'STAFF_SINGLE';
    case 'API':
      return actor.version === 4 ? 'API_V4' : 'API_V3';
    default:
      return actor.kind;
  }
}

/**
 * Decides on one wish, from the current state, the wish and the actor.
 * @returns the changes to record, "no change", or a refusal with its code; a wish that would change nothing is never refused
 */
export function decide(state: ConsentState, wish: Wish, actor: Actor, context: RuleContext): Verdict {
  const row = rules[rowOf(actor)];
  switch (wish.kind) {
    case 'OPT_OUT':
      return withType(wish.typeId, context, (type) =>
        row.optOut === 'YES' ? optOut(state, type, actor, context) : refused('NOT_ALLOWED'),
      );
    case 'OPT_OUT_OF_ALL':
      return row.optOut === 'YES' ? optOutOfAll(state, wish.unitId, actor, context) : refused('NOT_ALLOWED');
    case 'OPT_IN':
      return withType(wish.typeId, context, (type) => decideOptIn(state, type, actor, context));
    case 'SET_NOT_SPECIFIED':
      return withType(wish.typeId, context, (type) => {
        const from = state.statuses[type.id]?.status ?? 'NOT_SPECIFIED';
        if (from === 'NOT_SPECIFIED') return { kind: 'NO_CHANGE' };
        if (row.setBack !== 'YES') return refused('NOT_ALLOWED');
        if (isGone(state, context)) return refused('ERASED');
        if (isOvertaken(actor, standingOptOuts(state, type))) return refused('PREVIOUSLY_OPTED_OUT');
        return changed({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'NOT_SPECIFIED' });
      });
    case 'LIFT_OPT_OUT_OF_ALL':
      return decideLift(state, wish.unitId, row.lift, actor, context);
    case 'SNOOZE':
      return withType(wish.typeId, context, (type) => decideSnooze(state, type, wish.days, actor, context));
    case 'CONFIRM':
      return decideConfirm(state, wish.pendingId, actor, context);
    case 'MARK_UNDELIVERABLE':
      if (actor.kind !== 'SYSTEM') return refused('NOT_ALLOWED');
      // A complaint outlives a bounce, so reports that come twice or out of order change nothing.
      if (state.undeliverable?.reason === wish.reason || state.undeliverable?.reason === 'COMPLAINT')
        return { kind: 'NO_CHANGE' };
      return changed({ op: 'UNDELIVERABLE', unitId: null, typeId: null, reason: wish.reason });
    case 'UNDO_MACHINE_OPT_OUT':
      return decideUndoMachineOptOut(state, wish.event, actor, context);
    case 'RECORD_COMMUNICATION':
      return decideCommunication(state, wish, actor, context);
    case 'REVOKE_LINKS':
      if (actor.kind !== 'STAFF') return refused('NOT_ALLOWED');
      return changed({
        op: 'LINKS_REVOKED',
        unitId: null,
        typeId: null,
        from: state.epoch,
        to: state.epoch + 1,
      });
    case 'ERASE':
      return decideErase(state, actor, context);
  }
}

function decideOptIn(
  state: ConsentState,
  type: SubscriptionType,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const current = effectiveStatus(state, type).status;
  if (current === 'SUBSCRIBED') {
    if (!isBroughtBack(state, type, context)) return { kind: 'NO_CHANGE' };
    return changed({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from: current, to: current });
  }
  const blocked = isOptInBlocked(state, type, actor, context);
  if (blocked) return refused(blocked);
  const row = rules[rowOf(actor)];
  const cell = current === 'UNSUBSCRIBED' ? row.optInAfterOptOut : row.optIn;
  const optOuts = standingOptOuts(state, type);
  // What the same act has just left of an opt-out of all that it lifted is nobody's later decision.
  if (isOvertaken(actor, standingOptOuts(context.before ?? state, type)))
    return refused('PREVIOUSLY_OPTED_OUT');
  const refusal = refusalOfCell(cell, optOuts, actor, context) ?? refusalOfLift(state, type, actor);
  if (refusal) return refused(refusal);
  const hasToConfirm =
    cell === 'YES_OR_PENDING' && context.catalogue.units.get(type.unitId)?.hasDoubleOptIn === true;
  if (hasToConfirm) return pend(state, type, context);
  return { kind: 'CHANGE', changes: lifted(state, type, context) };
}

/** True where another wish of the same act lifted what stood over this type: it comes back by this act, and its history must say so. */
function isBroughtBack(state: ConsentState, type: SubscriptionType, { before }: RuleContext): boolean {
  return (
    before !== undefined &&
    effectiveStatus(before, type).status !== 'SUBSCRIBED' &&
    before.statuses[type.id] === state.statuses[type.id]
  );
}

/** Why a cell says no to this opt-in, if it does. */
function refusalOfCell(
  cell: Cell,
  optOuts: Standing[],
  actor: Actor,
  context: RuleContext,
): RefusalCode | null {
  const { legalBasis, explanation } = context.circumstances;
  const isPrivacyMode = context.catalogue.isPrivacyMode;
  const lacksBasis = legalBasis ? null : 'LEGAL_BASIS_REQUIRED';
  const lacksExplanation = explanation?.trim() ? null : 'EXPLANATION_REQUIRED';
  switch (cell) {
    case 'YES':
    case 'YES_OR_PENDING':
      return null;
    case 'FRESH_LINK':
      return 'LINK_EXPIRED';
    case 'EXPLAINED':
      return (isPrivacyMode ? lacksBasis : null) ?? lacksExplanation;
    case 'EXPLAINED_UNLESS_CONTACT':
      if (optOuts.some(isByContact)) return 'PREVIOUSLY_OPTED_OUT';
      return (isPrivacyMode ? lacksBasis : null) ?? lacksExplanation;
    case 'EXPLAINED_IN_PRIVACY_MODE':
      return isPrivacyMode ? (lacksBasis ?? lacksExplanation) : null;
    case 'EVIDENCED':
      if (!optOuts.filter(isByContact).every((optOutOf) => isEvidenceLater(actor, optOutOf, context.now)))
        return 'PREVIOUSLY_OPTED_OUT';
      return lacksBasis ?? lacksExplanation;
    case 'NEVER_AFTER_OPT_OUT':
      return 'PREVIOUSLY_OPTED_OUT';
    default:
      return 'NOT_ALLOWED';
  }
}

/** Opting in under an opt-out of all lifts it, so the row's last column has a say too. */
function refusalOfLift(state: ConsentState, type: SubscriptionType, actor: Actor): RefusalCode | null {
  const wide = [state.optOuts.portal, state.optOuts.units[type.unitId]].filter(
    (standing) => standing !== null && standing !== undefined,
  );
  if (wide.length === 0) return null;
  const cell = rules[rowOf(actor)].lift;
  if (cell === 'BY_OPTING_IN') return null;
  if (cell !== 'ONLY_SET_BY_STAFF') return 'PREVIOUSLY_OPTED_OUT';
  if (!wide.every((standing) => standing.by === 'STAFF')) return 'NOT_SET_BY_STAFF';
  if (!wide.every((standing) => isStaffsToLift(standing, state))) return 'ERASED';
  return state.optOuts.portal && isLimited(actor) ? 'NOT_ALLOWED' : null;
}

/** True for staff that do not reach all units: lifting what stands over all of them would change the others too. */
function isLimited(actor: Actor): boolean {
  return actor.kind === 'STAFF' && actor.isLimited === true;
}

function decideLift(
  state: ConsentState,
  unitId: number | null,
  cell: Cell,
  actor: Actor,
  context: RuleContext,
): Verdict {
  const standing = unitId === null ? state.optOuts.portal : state.optOuts.units[unitId];
  if (!standing) return { kind: 'NO_CHANGE' };
  if (cell !== 'ONLY_SET_BY_STAFF' || (unitId === null && isLimited(actor))) return refused('NOT_ALLOWED');
  if (isOvertaken(actor, [standing])) return refused('PREVIOUSLY_OPTED_OUT');
  if (standing.by !== 'STAFF') return refused('NOT_SET_BY_STAFF');
  if (isGone(state, context) || !isStaffsToLift(standing, state)) return refused('ERASED');
  return changed({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to: false });
}

function decideConfirm(state: ConsentState, pendingId: string, actor: Actor, context: RuleContext): Verdict {
  if (actor.kind !== 'CONTACT') return refused('NOT_ALLOWED');
  const wish = livePending(state.pending, context.now).find(({ id }) => id === pendingId);
  if (wish?.confirmedAt) return { kind: 'NO_CHANGE' };
  if (!wish || !actor.isLinkFresh) return refused('LINK_EXPIRED');
  if (isGone(state, context)) return refused('ERASED');
  const types = wish.typeIds
    .flatMap((id) => context.catalogue.types.get(id) ?? [])
    .filter((type) => type.isActive && !type.isInternal);
  const companions = new Set(types.map(({ id }) => id));
  const changes: Change[] = [{ op: 'CONFIRMED', unitId: wish.unitId, typeId: null, pendingId }];
  types.forEach((type, index) => {
    if (effectiveStatus(state, type).status === 'SUBSCRIBED') return;
    const steps = lifted(state, type, { ...context, companions });
    // What stands over the unit is lifted once, by the first of them.
    changes.push(
      ...(index === 0 ? steps : steps.filter((step) => step.op === 'STATUS' && step.typeId === type.id)),
    );
  });
  return { kind: 'CHANGE', changes };
}

function isEvidenceLater(actor: Actor, standing: Standing, now: Date): boolean {
  const at = actor.kind === 'API' ? actor.laterConsentAt : undefined;
  return at !== undefined && at > standing.at && at <= now;
}

function withType(typeId: number, context: RuleContext, act: (type: SubscriptionType) => Verdict): Verdict {
  const type = context.catalogue.types.get(typeId);
  return type && type.channel === context.channel ? act(type) : refused('UNKNOWN_TYPE');
}

const changed = (change: Change): Verdict => ({ kind: 'CHANGE', changes: [change] });
const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });
