/** Maps an event to the counts of its day. */
import type { CountedThing, DailyCount } from '../../models/daily-count.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

type Counted = Pick<ConsentEvent, 'at' | 'actor' | 'change' | 'campaign' | 'isMachine'>;

/** The day of a moment, in UTC: `2026-03-02`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** The counts that one event raises by one; none for a pause, a pending opt-in, or an opt-out of all that moves down. */
export function countsOf(event: Counted): DailyCount[] {
  const what = thingOf(event);
  if (!what) return [];
  const { change, actor, campaign } = event;
  const day = dayOf(event.at);
  const about = { day, unitId: change.unitId, typeId: change.typeId, by: actor.kind, campaign: null };
  const one = (thing: CountedThing): DailyCount => ({
    _id: ['type', day, thing, change.unitId ?? '', change.typeId ?? '', actor.kind].join(':'),
    what: thing,
    ...about,
    n: 1,
  });
  return [
    one(what),
    ...(what === 'OPT_OUT' && event.isMachine ? [one('MACHINE')] : []),
    ...(campaign
      ? [
          {
            _id: ['campaign', day, what, change.unitId ?? '', campaign].join(':'),
            ...{ day, what, unitId: change.unitId, typeId: null, by: null, campaign, n: 1 },
          },
        ]
      : []),
  ];
}

/** The count of a mail to the unsubscribe address that named no subscriber. It belongs to no unit, since the subscriber is unknown. */
export function countOfUnreadableMail(at: Date): DailyCount {
  const day = dayOf(at);
  const what = 'UNREADABLE_MAIL';
  return {
    _id: ['type', day, what, '', '', ''].join(':'),
    ...{ day, what, unitId: null, typeId: null, by: null, campaign: null, n: 1 },
  };
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
