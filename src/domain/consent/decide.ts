/** Decides on a wish: the one function that reads the table of the rules. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { partyOf, rowOf, scopeOf } from './actors.js';
import { decideErase } from './decide-erase.js';
import { decideConfirm, decideOptIn, refusalOfCell } from './decide-opt-in.js';
import { decideSnooze } from './decide-snooze.js';
import { optOutsOver, ownStatus } from './effective.js';
import { decideUndoMachineOptOut } from './machine-opt-outs.js';
import { decideCommunication } from './one-time-basis.js';
import { hasParty, olderImports, withoutParty } from './opt-out-sets.js';
import { isOvertaken, optOut, optOutOfAll, setOfAll, withoutImport } from './rule-changes.js';
import { isGone, type RuleContext, type Verdict } from './rule-context.js';
import { rules, type Row } from './rules.js';
import { decideUndo } from './undo-save.js';
import { decideClear, decideMark } from './undeliverable.js';
import { isInScope } from '../../vocabulary/scope.js';
import type {
  Actor,
  Catalogue,
  Change,
  ConsentState,
  SubscriptionType,
  Wish,
} from '../../vocabulary/terms.js';

/**
 * Decides on one wish, from the current state, the wish and the actor.
 * @returns the changes to record, "no change", or a refusal with its code. A wish that would change nothing is refused only outside the actor's
 *   scope. There nothing exists, so the answer must not depend on the state.
 */
export function decide(state: ConsentState, wish: Wish, actor: Actor, context: RuleContext): Verdict {
  if (!isInScope(scopeOf(actor), unitOf(wish, context.catalogue)))
    return refused('typeId' in wish ? 'UNKNOWN_TYPE' : 'NOT_ALLOWED');
  const row = rules[rowOf(actor)];
  const party = partyOf(actor, context.circumstances.isMachine);
  switch (wish.kind) {
    case 'OPT_OUT':
      return withType(wish.typeId, context, (type) =>
        row.optOut === 'YES' ? optOut(state, type, party, context) : refused('NOT_ALLOWED'),
      );
    case 'OPT_OUT_OF_ALL':
      return row.optOut === 'YES' ? optOutOfAll(state, wish.unitId, party, context) : refused('NOT_ALLOWED');
    case 'OPT_IN':
      return withType(wish.typeId, context, (type) => decideOptIn(state, type, { actor, row }, context));
    case 'SET_NOT_SPECIFIED':
      return withType(wish.typeId, context, (type) => decideSetBack(state, type, { actor, row }, context));
    case 'LIFT_OPT_OUT_OF_ALL':
      return decideLift(state, wish.unitId, { actor, row }, context);
    case 'SNOOZE':
      return withType(wish.typeId, context, (type) => decideSnooze(state, type, wish.days, actor, context));
    case 'CONFIRM':
      return decideConfirm(state, wish.pendingId, actor, context);
    case 'MARK_UNDELIVERABLE':
      return decideMark(state, wish, actor);
    case 'CLEAR_UNDELIVERABLE':
      return decideClear(state, wish, actor, context);
    case 'UNDO_MACHINE_OPT_OUT':
      return decideUndoMachineOptOut(state, wish.of, actor, context);
    case 'UNDO_IMPORT': {
      if (row.lift !== 'BY_UNDOING_IMPORT' || party === olderImports) return refused('NOT_ALLOWED');
      const changes = withoutImport(state, party, context);
      return changes.length > 0 ? { kind: 'CHANGE', changes } : { kind: 'NO_CHANGE' };
    }
    case 'UNDO_SAVE':
      return decideUndo(state, wish.save, actor, context);
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

/** The business unit that a wish is about; null for the whole account, and for a type that does not exist. */
function unitOf(wish: Wish, { types }: Pick<Catalogue, 'types'>): number | null {
  const of = wish.kind === 'UNDO_MACHINE_OPT_OUT' ? wish.of : wish;
  if ('typeId' in of && of.typeId !== null) return types.get(of.typeId)?.unitId ?? null;
  return 'unitId' in of ? of.unitId : null;
}

/** In bulk, any opt-out by the contact blocks the opt-in. One by one, the contact's own opt-out of the type requires reasons. */
function decideSetBack(
  state: ConsentState,
  type: SubscriptionType,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): Verdict {
  const from = ownStatus(state, type.id);
  if (from === 'NOT_SPECIFIED') return { kind: 'NO_CHANGE' };
  if (row.setBack === 'NO') return refused('NOT_ALLOWED');
  if (isGone(state, context)) return refused('ERASED');
  const over = optOutsOver(state, type);
  if (isOvertaken(actor, over)) return refused('PREVIOUSLY_OPTED_OUT');
  const optOuts = row.setBack === 'UNLESS_CONTACT' ? over : (state.optOuts.types[type.id] ?? []);
  const refusal = refusalOfCell(row.setBack, optOuts, actor, context);
  if (refusal) return refused(refusal);
  return changed({ op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to: 'NOT_SPECIFIED' });
}

function decideLift(
  state: ConsentState,
  unitId: number | null,
  { actor, row }: { actor: Actor; row: Row },
  context: RuleContext,
): Verdict {
  const set = setOfAll(state, unitId);
  if (!set) return { kind: 'NO_CHANGE' };
  if (row.lift !== 'ONLY_SET_BY_STAFF' && row.lift !== 'ONLY_SET_BY_STAFF_IF_ASKED')
    return refused('NOT_ALLOWED');
  if (isOvertaken(actor, set)) return refused('PREVIOUSLY_OPTED_OUT');
  if (!hasParty(set, 'STAFF')) return refused('NOT_SET_BY_STAFF');
  if (isGone(state, context)) return refused('ERASED');
  const to = withoutParty(set, 'STAFF') !== null;
  return changed({ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: true, to, removes: 'STAFF' });
}

function withType(typeId: number, context: RuleContext, act: (type: SubscriptionType) => Verdict): Verdict {
  const type = context.catalogue.types.get(typeId);
  return type && type.channel === context.channel ? act(type) : refused('UNKNOWN_TYPE');
}

const changed = (change: Change): Verdict => ({ kind: 'CHANGE', changes: [change] });
const refused = (code: RefusalCode): Verdict => ({ kind: 'REFUSED', code });
