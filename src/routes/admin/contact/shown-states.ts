/** What a form showed of each type, so that one left open overnight does not undo what happened meanwhile. */
import { effectiveStatus } from '../../../domain/consent/effective.js';
import type { ConsentState, SubscriptionStatus, SubscriptionType } from '../../../domain/consent/terms.js';

/** Characters of the field: what some 10,000 types need, which is more than the rest of the form leaves room for. */
export const mostShown = 400_000;

type State = Pick<ConsentState, 'statuses' | 'optOuts'>;

/**
 * `3:UNSUBSCRIBED:12+15,…`: each type's id, effective status, and the events that made what stands of it at any level (0 where none did): what
 * does not decide now would go with what does, where an act clears both.
 */
export function shownStates(state: State, types: readonly SubscriptionType[]): string {
  return types.map((type) => `${type.id}:${markOf(state, type)}`).join(',');
}

/**
 * The types that are no longer as they were shown, and not as they are wished either: a repeat of what was done is no conflict.
 * @param shown what the form carries; a type that it does not name counts as moved
 */
export function movedSince(
  shown: string,
  state: State,
  types: readonly SubscriptionType[],
  wished: SubscriptionStatus,
): SubscriptionType[] {
  const marks = new Map(
    shown.split(',').map((mark) => {
      const [id = '', ...rest] = mark.split(':');
      return [id, rest.join(':')];
    }),
  );
  return types.filter(
    (type) =>
      effectiveStatus(state, type).status !== wished && marks.get(String(type.id)) !== markOf(state, type),
  );
}

function markOf(state: State, type: SubscriptionType): string {
  const { portal, units } = state.optOuts;
  const levels = [portal, units[type.unitId], state.statuses[type.id]];
  const seqs = levels.flatMap((standing) => [standing?.seq ?? [], standing?.beneath?.seq ?? []].flat());
  return `${effectiveStatus(state, type).status}:${seqs.join('+') || 0}`;
}
