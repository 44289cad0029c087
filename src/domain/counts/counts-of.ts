/** Maps events to counts of their day and business unit. */
import { campaignKey, type Count } from '../../models/day-count.js';
import type { ReasonEvent } from '../../models/change.js';
import type { ActorKind, ConsentEvent } from '../../vocabulary/terms.js';
import { dayIn } from '../../vocabulary/time-zones.js';

/** `MACHINE` counts those opt-outs that a link scanner may have made. */
export type CountedThing = 'OPT_IN' | 'OPT_OUT' | 'BOUNCE' | 'COMPLAINT' | 'MACHINE';

type Counted = Pick<ConsentEvent, 'at' | 'actor' | 'change' | 'campaign' | 'isMachine' | 'carriedFrom'>;

/** The keys of counts, each written once. `moved` is the change of the number of a type's subscribers. */
export const countKeys = {
  act: (what: 'OPT_IN' | 'OPT_OUT', typeId: number | null, by: ActorKind) => `${what}:${typeId ?? ''}:${by}`,
  moved: (typeId: number) => `SUBSCRIBERS:${typeId}`,
  reason: (reason: string) => `REASON:${reason}`,
} as const;

/** The counts that one event raises by one; none for a pause, a pending opt-in, or an opt-out of all that moves down. */
export function countsOf(event: Counted, zone: string): Count[] {
  const what = thingOf(event);
  // An act that was carried over from another spelling was counted under that spelling.
  if (!what || event.carriedFrom) return [];
  const { change, actor, campaign } = event;
  const { unitId } = change;
  const span = `d:${dayIn(event.at, zone)}`;
  const one = (key: string): Count => ({ span, unitId, key, n: 1 });
  if (what !== 'OPT_IN' && what !== 'OPT_OUT') return [one(what)];
  return [
    one(countKeys.act(what, change.typeId, actor.kind)),
    ...(what === 'OPT_OUT' && event.isMachine ? [one('MACHINE')] : []),
    ...(campaign ? [one(campaignKey(what === 'OPT_IN' ? 'IN' : 'OUT', campaign))] : []),
  ];
}

/** The counts of a stated reason. A later answer to the same question replaces the earlier one, on the day of the first. */
export function countsOfReason({ at, unitId, reason, was }: ReasonEvent, zone: string): Count[] {
  const span = `d:${dayIn(at, zone)}`;
  const change = (key: string, n: number): Count => ({ span, unitId, key: countKeys.reason(key), n });
  return [change(reason, 1), ...(was === null ? [] : [change(was, -1)])];
}

/** The count of a mail to the unsubscribe address that named no subscriber. It belongs to no unit, since the subscriber is unknown. */
export function countOfUnreadableMail(at: Date, zone: string): Count {
  return { span: `d:${dayIn(at, zone)}`, unitId: null, key: 'UNREADABLE_MAIL', n: 1 };
}

/** The changes of the numbers of subscribers, for the day, and for the month from whose sum earlier days need not be read. */
export function countsOfMoves(moves: readonly Move[], at: Date, zone: string): Count[] {
  const day = dayIn(at, zone);
  return moves.flatMap(({ unitId, typeId, by }) =>
    [`d:${day}`, `m:${day.slice(0, 7)}`].map((span) => ({
      ...{ span, unitId, key: countKeys.moved(typeId), n: by },
    })),
  );
}

/** A subscriber that a type gained (1) or lost (-1). */
export interface Move {
  unitId: number;
  typeId: number;
  by: 1 | -1;
}

/** The count of an event; null if it is not counted. */
export function thingOf({ change }: Pick<Counted, 'change'>): CountedThing | null {
  if (change.op === 'UNDELIVERABLE') return change.reason === 'COMPLAINT' ? 'COMPLAINT' : 'BOUNCE';
  if (change.op !== 'STATUS' && change.op !== 'OPT_OUT_OF_ALL') return null;
  if (change.isRemainder || change.isMovedDown) return null;
  if (change.to === 'SUBSCRIBED') return 'OPT_IN';
  // Another party's additional opt-out, and a removed entry that leaves others, do not change what may be sent.
  if (change.from === change.to) return null;
  return change.to === 'UNSUBSCRIBED' || change.to === true ? 'OPT_OUT' : null;
}
