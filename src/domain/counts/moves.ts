/** How events change the number of subscribers of each type: a subscriber counts if its effective status is `SUBSCRIBED`. */
import mongoose from 'mongoose';
import { findAllEvents } from '../../models/archived-event.js';
import type { Change as FeedEntry } from '../../models/change.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import type { Catalogue, Change, ConsentEvent, ConsentState } from '../../vocabulary/terms.js';
import { applyEvent, emptyState } from '../consent/apply.js';
import { Drafts } from '../consent/drafts.js';
import { effectiveStatus } from '../consent/effective.js';
import type { Move } from './counts-of.js';

type Types = Catalogue['types'];
type ConsentEntry = Extract<FeedEntry, { kind: 'CONSENT' }>;

/** Each event of a history, from its first one on, with the types that gained or lost this subscriber. */
export function* movesOf(
  events: readonly ConsentEvent[],
  types: Types,
): Generator<{ event: ConsentEvent; moves: Move[] }> {
  let state = emptyState();
  let before = new Set<number>();
  let erasedBy = 0;
  const drafts = new Drafts();
  for (const event of events) {
    state = applyEvent(state, event, drafts);
    if (event.change.op === 'ERASED') erasedBy = event.seq;
    const after = subscribedTypes(state, types, erasedBy);
    yield { event, moves: [...movesTo(after, before, types, 1), ...movesTo(before, after, types, -1)] };
    before = after;
  }
}

/**
 * The moves of the entries, by their keys. Histories are read only where the event alone does not tell: a plain opt-in always adds a subscriber.
 */
export async function findMoves(
  models: Pick<Models, 'subscribers' | 'archivedEvents'>,
  entries: readonly ConsentEntry[],
  types: Types,
): Promise<ReadonlyMap<string, Move[]>> {
  const found = new Map<string, Move[]>();
  const unclear = new Set<string>();
  for (const { key, subscriberId, event } of entries) {
    const told = movesWithoutState(event, types);
    if (told) found.set(key, told);
    else unclear.add(subscriberId);
  }
  if (unclear.size === 0) return found;
  const subscribers = await models.subscribers
    .find({ _id: mongoose.trusted({ $in: [...unclear] }) }, { seq: 1, events: 1 })
    .batchSize(unclear.size + 1)
    .lean<Pick<Subscriber, '_id' | 'seq' | 'events'>[]>();
  for (const subscriber of subscribers) {
    const events = await findAllEvents(models.archivedEvents, subscriber);
    for (const { event, moves } of movesOf(events, types))
      found.set(`subscriber:${subscriber._id}:${event.seq}`, moves);
  }
  return found;
}

/** Null if it depends on what came before. */
function movesWithoutState(
  { seq, change }: Pick<ConsentEvent, 'seq' | 'change'>,
  types: Types,
): Move[] | null {
  if (!mayMove(change)) return [];
  const isOptIn =
    change.op === 'STATUS' && change.to === 'SUBSCRIBED' && !change.isRestored && !change.removes;
  if (!isOptIn) return seq === 1 ? [] : null;
  return [...movesTo(new Set([change.typeId]), new Set(), types, 1)];
}

/** `from` and `to` of a status are the type's own, whatever covers it. */
function mayMove(change: Change): boolean {
  if (change.op === 'STATUS') return (change.from === 'SUBSCRIBED') !== (change.to === 'SUBSCRIBED');
  return (change.op === 'OPT_OUT_OF_ALL' && change.from !== change.to) || change.op === 'ERASED';
}

/** @param erasedBy number of the event that erased the person: only what was chosen after it counts; 0 without one */
function subscribedTypes(state: ConsentState, types: Types, erasedBy: number): Set<number> {
  return new Set(
    Object.entries(state.subscriptions).flatMap(([id, { seq }]) => {
      const type = types.get(Number(id));
      return type && seq > erasedBy && effectiveStatus(state, type).status === 'SUBSCRIBED' ? [type.id] : [];
    }),
  );
}

function* movesTo(there: Set<number>, elsewhere: Set<number>, types: Types, by: Move['by']): Generator<Move> {
  for (const typeId of there) {
    const type = types.get(typeId);
    if (type && !elsewhere.has(typeId)) yield { unitId: type.unitId, typeId, by };
  }
}
