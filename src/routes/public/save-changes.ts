/** The outcome of each wish of a save, for the page. */
import type { Outcome } from '../../domain/consent/change.js';
import type { SaveChange } from '../../models/subscriber.js';

/** Milliseconds in which a wish that changes nothing counts as the second click of a double click. */
const doubleClickMs = 15_000;

export function changesOf(outcomes: Outcome[], { now }: { now: Date }): SaveChange[] {
  return outcomes.flatMap((outcome) => changeOf(outcome, now) ?? []);
}

function changeOf(outcome: Outcome, now: Date): SaveChange | null {
  const { wish, result } = outcome;
  if (result === 'NO_CHANGE') return null;
  if (wish.kind === 'SNOOZE') {
    if (result !== 'CHANGED') return null;
    const until = wish.days === 0 ? null : new Date(now.getTime() + wish.days * 86_400_000);
    return { what: 'PAUSE', typeId: wish.typeId, until };
  }
  if (wish.kind !== 'OPT_IN' && wish.kind !== 'OPT_OUT') return null;
  const { typeId } = wish;
  if (outcome.result === 'REFUSED') return { what: 'TYPE', typeId, outcome: 'REFUSED', code: outcome.code };
  if (result === 'PENDING') return { what: 'TYPE', typeId, outcome: 'PENDING' };
  return { what: 'TYPE', typeId, outcome: wish.kind === 'OPT_IN' ? 'ON' : 'OFF' };
}

export function isJustNow(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() < doubleClickMs;
}

/** True if this save had already fulfilled every wish: the second click of a double click. */
export function isRepeatOf(changes: SaveChange[], outcomes: Outcome[]): boolean {
  return (
    outcomes.length > 0 &&
    outcomes.every(
      ({ wish, result }) => result !== 'REFUSED' && changes.some((change) => isDone(change, wish)),
    )
  );
}

function isDone(change: SaveChange, wish: Outcome['wish']): boolean {
  switch (change.what) {
    case 'TYPE':
      return (
        'typeId' in wish &&
        wish.typeId === change.typeId &&
        (wish.kind === 'OPT_OUT'
          ? change.outcome === 'OFF'
          : wish.kind === 'OPT_IN' && change.outcome !== 'OFF')
      );
    case 'PAUSE':
      return (
        wish.kind === 'SNOOZE' &&
        wish.typeId === change.typeId &&
        (wish.days === 0) === (change.until === null)
      );
    case 'ALL':
      return wish.kind === 'OPT_OUT_OF_ALL' && wish.unitId === change.unitId;
    case 'UNDONE':
      return false;
  }
}
