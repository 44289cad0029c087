/** What each change does to the state: the one reducer, for writing a change now and for replaying history. */
import type { Change, ConsentEvent, ConsentState, PendingWish, Standing, TypeStanding } from './terms.js';
import { machineWeight, weightOf } from './weight.js';

export function emptyState(): ConsentState {
  return {
    statuses: {},
    optOuts: { portal: null, units: {} },
    snoozes: {},
    pending: [],
    undeliverable: null,
    epoch: 0,
    erasedAt: null,
  };
}

/** The state after one change; the one given is left as it was. `standing` says by whom, when and why. */
export function applyChange(state: ConsentState, change: Change, standing: Standing): ConsentState {
  switch (change.op) {
    case 'STATUS':
      return {
        ...state,
        statuses: {
          ...state.statuses,
          [change.typeId]: statusAfter(state.statuses[change.typeId], change, standing),
        },
        // A status that is set, either way, answers the wish that waited for it.
        pending: isNoNewNo(change)
          ? state.pending
          : withoutPendingTypes(state.pending, (typeId) => typeId === change.typeId),
        snoozes: change.to === 'UNSUBSCRIBED' ? without(state.snoozes, change.typeId) : state.snoozes,
      };
    case 'OPT_OUT_OF_ALL':
      return applyOptOutOfAll(state, change, standing);
    case 'SNOOZE':
      return {
        ...state,
        snoozes: change.to
          ? { ...state.snoozes, [change.typeId]: { at: standing.at, until: change.to } }
          : without(state.snoozes, change.typeId),
      };
    case 'PENDING':
      return {
        ...state,
        pending: [
          ...livePending(state.pending, standing.at),
          {
            id: change.pendingId,
            unitId: change.unitId,
            typeIds: change.typeIds,
            at: standing.at,
            expiresAt: change.expiresAt,
          },
        ],
      };
    case 'CONFIRMED':
      return {
        ...state,
        pending: state.pending.map((wish) =>
          wish.id === change.pendingId ? { ...wish, confirmedAt: standing.at } : wish,
        ),
      };
    case 'UNDELIVERABLE':
      return { ...state, undeliverable: { ...standing, reason: change.reason } };
    case 'ONE_TIME_BASIS':
      return state;
    case 'LINKS_REVOKED':
      return { ...state, epoch: change.to };
    case 'ERASED':
      return {
        ...state,
        erasedAt: standing.at,
        statuses: mapped(state.statuses, withoutWords),
        optOuts: {
          portal: state.optOuts.portal && withoutWords(state.optOuts.portal),
          units: mapped(state.optOuts.units, withoutWords),
        },
        undeliverable: state.undeliverable && withoutWords(state.undeliverable),
        snoozes: {},
        pending: [],
      };
  }
}

/** The state that a history gives, from the first event on (invariant 5). */
export function replay(events: Iterable<ConsentEvent>): ConsentState {
  let state = emptyState();
  for (const event of events) state = applyChange(state, event.change, standingOf(event));
  return state;
}

/** What of an event stays with the status that it made. */
export function standingOf(
  event: Pick<ConsentEvent, 'at' | 'actor' | 'seq' | 'isMachine' | 'legalBasis' | 'detail'>,
): Standing {
  return {
    at: event.at,
    by: event.actor.kind,
    seq: event.seq,
    ...(event.isMachine ? { isMachine: true } : {}),
    ...(event.legalBasis ? { legalBasis: event.legalBasis } : {}),
    ...(event.detail?.explanation ? { explanation: event.detail.explanation } : {}),
  };
}

/** Wishes that still wait, or were confirmed, and whose time is not over. */
export function livePending(pending: PendingWish[], now: Date): PendingWish[] {
  return pending.filter((wish) => wish.expiresAt > now);
}

type Marks = Omit<Extract<Change, { op: 'OPT_OUT_OF_ALL' }>, 'op' | 'unitId' | 'typeId' | 'from' | 'to'>;

function applyOptOutOfAll(
  state: ConsentState,
  change: Extract<Change, { op: 'OPT_OUT_OF_ALL' }>,
  standing: Standing,
): ConsentState {
  const { unitId, to } = change;
  const pending =
    to && !isNoNewNo(change)
      ? state.pending.filter((wish) => wish.confirmedAt || (unitId !== null && wish.unitId !== unitId))
      : state.pending;
  const { portal, units } = state.optOuts;
  const own = unitId === null ? portal : (units[unitId] ?? null);
  const after = to ? optOutAfter(own, change, standing) : null;
  if (unitId === null) return { ...state, pending, optOuts: { units, portal: after } };
  return {
    ...state,
    pending,
    optOuts: {
      portal,
      units: after ? { ...units, [unitId]: after } : without(units, unitId),
    },
  };
}

/** What an opt-in leaves, and what is handed back, was said before: wishes that came after it go on waiting. */
function isNoNewNo({ isRemainder, isHandedBack }: Marks): boolean {
  return isRemainder === true || isHandedBack === true;
}

function statusAfter(
  own: TypeStanding | undefined,
  change: Extract<Change, { op: 'STATUS' }>,
  later: Standing,
): TypeStanding {
  if (change.to !== 'UNSUBSCRIBED' || own?.status !== 'UNSUBSCRIBED') return { ...later, status: change.to };
  const { status, ...standing } = own;
  return { ...optOutAfter(standing, change, later), status };
}

/** What stands after an opt-out over another: the contact's own no stays the contact's, whoever says no after, and a machine's hides nobody's. */
function optOutAfter(
  own: Standing | null,
  { keepsBoth, isHandedBack, keepsStanding }: Marks,
  later: Standing,
): Standing {
  if (!own) return later;
  if (keepsStanding) return own;
  if (isHandedBack && own.beneath) return own.beneath;
  const [upper, lower] = weightOf(own) > weightOf(later) ? [own, later] : [later, own];
  const beneath = keepsBoth ? lower : weightOf(upper) === machineWeight ? own.beneath : undefined;
  return beneath ? { ...upper, beneath } : upper;
}

function withoutPendingTypes(pending: PendingWish[], isAnswered: (typeId: number) => boolean): PendingWish[] {
  return pending
    .map((wish) =>
      wish.confirmedAt ? wish : { ...wish, typeIds: wish.typeIds.filter((typeId) => !isAnswered(typeId)) },
    )
    .filter((wish) => wish.typeIds.length > 0);
}

function without<T>(record: Record<string, T>, id: number): Record<string, T> {
  const { [String(id)]: _, ...rest } = record;
  return rest;
}

function mapped<T>(record: Record<string, T>, act: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([id, value]) => [id, act(value)]));
}

/** Free text may name the person, so erasure takes it out. */
function withoutWords<T extends Standing>(standing: T): T {
  const kept = { ...standing };
  delete kept.explanation;
  if (kept.beneath) kept.beneath = withoutWords(kept.beneath);
  return kept;
}
