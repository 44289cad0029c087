/**
 * The acts that one subscriber has on record and another of the same address lacks. They are carried over when the two
 * are merged.
 */
import { applyEvent, livePending } from './apply.js';
import { Drafts } from './drafts.js';
import { optOutsOver } from './effective.js';
import { isUnanswered } from './ended-opt-outs.js';
import { makeEvents, type ChainHead } from './events.js';
import { hasParty, inPrecedence, mergedSets } from './opt-out-sets.js';
import type {
  Catalogue,
  Change,
  Channel,
  ConsentEvent,
  ConsentState,
  OptOut,
  OptOutSet,
} from '../../vocabulary/terms.js';

type Types = Catalogue['types'];
type Reasons = Pick<OptOut, 'at' | 'by'> & Partial<OptOut>;

interface CarriedAct {
  change: Change;
  reasons: Reasons;
}

/**
 * The events that bring a state up to what either of two subscribers has decided. Every opt-out of either is kept, with
 * its party, time and reasons. A subscription is carried over only if the other has not opted out. The higher link
 * epoch is kept.
 * @param into the subscriber that remains, with the end of its chain
 * @param from the other, with its id
 * @param about `isErased` is true if neither has an address any more
 * @returns the events, and the state with them; no events if nothing is missing
 */
export function carryActs(
  into: { state: ConsentState; chain: ChainHead },
  from: { id: string; channel: Channel; state: ConsentState },
  { types, now, isErased }: { types: Types; now: Date; isErased: boolean },
): { events: ConsentEvent[]; state: ConsentState } {
  let { state, chain } = into;
  const events: ConsentEvent[] = [];
  const drafts = new Drafts();
  const carry = (acts: CarriedAct[]) => {
    for (const { change, reasons } of acts) {
      const [event] = makeEvents(chain, [change], {
        at: reasons.at,
        channel: from.channel,
        actor: { kind: reasons.by, ...(reasons.ref ? { ref: reasons.ref } : {}) },
        circumstances: reasons,
        carriedFrom: from.id,
      });
      if (!event) continue;
      events.push(event);
      state = applyEvent(state, event, drafts);
      chain = { seq: event.seq, chainHead: event.hash };
    }
  };
  if (isErased) carry(erasureOf(from.state, state));
  carry(subscriptionsOf(from.state, state, types));
  carry(optOutsOf(from.state, state, types));
  carry(endedOf(from.state, state, { types, now }));
  carry(restOf(from.state, state, { types, now }));
  return { events, state };
}

function erasureOf({ erasedAt, optOuts }: ConsentState, into: ConsentState): CarriedAct[] {
  if (!erasedAt || into.erasedAt) return [];
  const { by = 'CONTACT', ref } = optOuts.portal?.find(({ party }) => party === 'CONTACT') ?? {};
  const reasons = { at: erasedAt, by, ...(ref ? { ref } : {}) };
  return [{ change: { op: 'ERASED', unitId: null, typeId: null }, reasons }];
}

function subscriptionsOf({ subscriptions }: ConsentState, into: ConsentState, types: Types): CarriedAct[] {
  return Object.entries(subscriptions).flatMap(([id, reasons]) => {
    const type = types.get(Number(id));
    if (!type || into.subscriptions[id] || optOutsOver(into, type).length > 0) return [];
    const { unitId, id: typeId } = type;
    return [
      { change: { op: 'STATUS', unitId, typeId, from: 'NOT_SPECIFIED', to: 'SUBSCRIBED' }, reasons } as const,
    ];
  });
}

function optOutsOf(
  { optOuts: from }: ConsentState,
  { optOuts: into }: ConsentState,
  types: Types,
): CarriedAct[] {
  const ofType = (id: string, set: OptOutSet) => {
    const typeId = Number(id);
    const unitId = types.get(typeId)?.unitId ?? 0;
    const before = into.types[id] ? 'UNSUBSCRIBED' : 'NOT_SPECIFIED';
    return missing(into.types[id], set).map((reasons): CarriedAct => {
      const { party } = reasons;
      return { change: { op: 'STATUS', unitId, typeId, from: before, to: 'UNSUBSCRIBED', party }, reasons };
    });
  };
  const ofAll = (unitId: number | null, own: OptOutSet | null | undefined, set: OptOutSet | null) =>
    missing(own, set).map((reasons): CarriedAct => {
      const { party } = reasons;
      const marks = { from: Boolean(own), to: true, party };
      return { change: { op: 'OPT_OUT_OF_ALL', unitId, typeId: null, ...marks }, reasons };
    });
  return [
    ...Object.entries(from.types).flatMap(([id, set]) => ofType(id, set)),
    ...Object.entries(from.units).flatMap(([id, set]) => ofAll(Number(id), into.units[id], set)),
    ...ofAll(null, into.portal, from.portal),
  ];
}

/**
 * Entries that the merged set has and the own set lacks. The contact's entry comes last, since no other entry can be
 * added after it.
 */
function missing(own: OptOutSet | null | undefined, set: OptOutSet | null): OptOut[] {
  const merged = mergedSets(own, set) ?? [];
  return inPrecedence(merged)
    .reverse()
    .filter((optOut) => !own?.includes(optOut))
    .filter(({ party }) => party === 'CONTACT' || !(hasParty(own, 'CONTACT') || hasParty(own, party)));
}

/** Opt-outs that ended and that the contact has not answered by opting in to the type. */
function endedOf(
  { endedOptOuts = {} }: ConsentState,
  into: ConsentState,
  { types, now }: { types: Types; now: Date },
): CarriedAct[] {
  const reasons = { at: now, by: 'SYSTEM' } as const;
  return Object.entries(endedOptOuts).flatMap(([key, ended]): CarriedAct[] => {
    if (!isUnanswered(ended) || isUnanswered(into.endedOptOuts?.[key])) return [];
    const isEnded = true as const;
    const [kind, id] = key.split(':');
    if (kind !== 'type') {
      const unitId = kind === 'portal' ? null : Number(id);
      return [
        { change: { op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from: false, to: false, isEnded }, reasons },
      ];
    }
    const [from, to] = ['NOT_SPECIFIED', 'NOT_SPECIFIED'] as const;
    const type = types.get(Number(id));
    return type
      ? [{ change: { op: 'STATUS', unitId: type.unitId, typeId: type.id, from, to, isEnded }, reasons }]
      : [];
  });
}

/** Everything except statuses: bounces, pauses, pending opt-ins and revoked links. */
function restOf(
  from: ConsentState,
  into: ConsentState,
  { types, now }: { types: Types; now: Date },
): CarriedAct[] {
  const none = { unitId: null, typeId: null } as const;
  const acts: CarriedAct[] = [];
  if (from.undeliverable && !into.undeliverable) {
    const { reason, soft } = from.undeliverable;
    acts.push({
      change: { op: 'UNDELIVERABLE', ...none, reason, ...(soft === undefined ? {} : { soft }) },
      reasons: from.undeliverable,
    });
  }
  for (const [id, { at, until }] of Object.entries(from.snoozes)) {
    const type = types.get(Number(id));
    if (!type || until <= now || into.snoozes[id] || optOutsOver(into, type).length > 0) continue;
    const change = { op: 'SNOOZE', unitId: type.unitId, typeId: type.id, from: null, to: until } as const;
    acts.push({ change, reasons: { at, by: 'CONTACT' } });
  }
  for (const { id, unitId, typeIds, at, expiresAt, confirmedAt } of livePending(from.pending, now)) {
    if (confirmedAt || into.pending.some((wish) => wish.id === id)) continue;
    const change = { op: 'PENDING', unitId, typeId: null, pendingId: id, typeIds, expiresAt } as const;
    acts.push({ change, reasons: { at, by: 'CONTACT' } });
  }
  if (from.epoch > into.epoch)
    acts.push({
      change: { op: 'LINKS_REVOKED', ...none, from: into.epoch, to: from.epoch },
      reasons: { at: now, by: 'SYSTEM' },
    });
  return acts;
}
