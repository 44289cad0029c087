/** The state of each type that a form showed, so that a form that was open for hours does not undo later changes. */
import { effectiveStatus, type Decided as State } from '../../../domain/consent/effective.js';
import type { OptOutSet, SubscriptionStatus, SubscriptionType } from '../../../vocabulary/terms.js';

/** Maximum length of the field in UTF-16 units: enough for some 10,000 types. */
export const mostShown = 400_000;

/**
 * `3:UNSUBSCRIBED:12+15-20-,…`: each type's id, its effective status, and the events that made each opt-out and its subscription, from the account's
 * level to its own. An act may also clear opt-outs that do not decide now.
 */
export function shownStates(state: State, types: readonly SubscriptionType[]): string {
  return types.map((type) => `${type.id}:${markOf(state, type)}`).join(',');
}

/**
 * The types that changed since the form was shown, except those that have the wished status: a repeated act is not a conflict.
 * @param shown the field of the form; a type that it does not name counts as changed
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
  const { portal, units, types } = state.optOuts;
  const levels = [portal, units[type.unitId], types[type.id]].map(setMark);
  return `${effectiveStatus(state, type).status}:${levels.join('-')}-${state.subscriptions[type.id]?.seq ?? ''}`;
}

/** The events that made a set. */
export function setMark(set: OptOutSet | null | undefined): string {
  return (set ?? []).map(({ seq }) => seq).join('+');
}
