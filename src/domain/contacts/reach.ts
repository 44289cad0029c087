/** What an act reaches: somebody limited to some units does nothing that touches others. */
import { isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Catalogue, ConsentState, Wish } from '../../vocabulary/terms.js';

/** True where everything that this wish would change lies within the scope. */
export function isWithinReach(
  wish: Wish,
  about: { scope: Scope; state: Pick<ConsentState, 'optOuts'> | null; catalogue: Pick<Catalogue, 'types'> },
): boolean {
  const { scope, state, catalogue } = about;
  if (scope === null) return true;
  switch (wish.kind) {
    case 'OPT_IN':
      // Lifting a portal-wide opt-out leaves brand-wide ones in all the other units.
      return isOfType(wish.typeId) && !state?.optOuts.portal;
    case 'OPT_OUT':
    case 'SET_NOT_SPECIFIED':
    case 'SNOOZE':
      return isOfType(wish.typeId);
    case 'OPT_OUT_OF_ALL':
    case 'LIFT_OPT_OUT_OF_ALL':
    case 'RECORD_COMMUNICATION':
      return isInScope(scope, wish.unitId);
    case 'UNDO_MACHINE_OPT_OUT':
      return isInScope(scope, wish.of.unitId);
    case 'UNDO_IMPORT':
    case 'UNDO_SAVE':
    case 'CONFIRM':
    case 'MARK_UNDELIVERABLE':
    case 'REVOKE_LINKS':
    case 'ERASE':
      return false;
  }

  function isOfType(typeId: number): boolean {
    const type = catalogue.types.get(typeId);
    return type !== undefined && isInScope(scope, type.unitId);
  }
}
