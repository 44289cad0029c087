/** What became of each wish of a save, for the page that says it and for its Undo. */
import type { Outcome } from '../../domain/consent/change.js';
import { isShownOn } from '../../domain/consent/effective.js';
import type { Catalogue, ConsentState } from '../../domain/consent/terms.js';
import type { SaveChange } from '../../models/subscriber.js';
import { isPublic } from './naming.js';

/** How long a wish that changes nothing is taken for the second click of the one before, in milliseconds. */
const doubleClickMs = 15_000;

/** @param found the state that the save met, which may be newer than what its page had shown */
export function changesOf(
  outcomes: Outcome[],
  found: { before: ConsentState; catalogue: Catalogue; now: Date },
): SaveChange[] {
  return outcomes.flatMap((outcome) => changeOf(outcome, found) ?? []);
}

function changeOf(
  outcome: Outcome,
  { before, catalogue, now }: { before: ConsentState; catalogue: Catalogue; now: Date },
): SaveChange | null {
  const { wish, result } = outcome;
  if (result === 'NO_CHANGE') return null;
  if (wish.kind === 'SNOOZE') {
    if (result !== 'CHANGED') return null;
    const until = wish.days === 0 ? null : new Date(now.getTime() + wish.days * 86_400_000);
    const standing = before.snoozes[wish.typeId];
    const wasPaused = standing !== undefined && standing.until > now;
    return { what: 'PAUSE', typeId: wish.typeId, until, wasPaused };
  }
  if (wish.kind !== 'OPT_IN' && wish.kind !== 'OPT_OUT') return null;
  const { typeId } = wish;
  const type = catalogue.types.get(typeId);
  // What nobody can opt in to any more is not offered back by an Undo either.
  const wasOn = type !== undefined && isPublic(type, type.channel) && isShownOn(before, type, catalogue);
  if (outcome.result === 'REFUSED')
    return { what: 'TYPE', typeId, outcome: 'REFUSED', code: outcome.code, wasOn };
  if (result === 'PENDING') return { what: 'TYPE', typeId, outcome: 'PENDING', wasOn };
  if (wish.kind === 'OPT_OUT') return { what: 'TYPE', typeId, outcome: 'OFF', wasOn };
  const { portal, units } = before.optOuts;
  const ofUnit = type && units[type.unitId] ? [type.unitId] : [];
  const lifted = [...(portal ? [null] : []), ...ofUnit];
  return { what: 'TYPE', typeId, outcome: 'ON', wasOn, ...(lifted.length > 0 ? { lifted } : {}) };
}

export function isJustNow(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() < doubleClickMs;
}

/** True where every wish had been fulfilled by this very save: the second click of a double one. */
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
