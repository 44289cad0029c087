/** Reads events of addresses for people: newest first, and from the archive only as far as needed. */
import { trusted } from 'mongoose';
import { z } from 'zod';
import { archivedEventKey, type ArchivedEvent } from '../../models/archived-event.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { reading } from './durability.js';
import { channels, type ConsentEvent } from '../../vocabulary/terms.js';

/** Events that are read from the archive at once. */
const batchSize = 100;
/** Milliseconds after which the database cancels such a read. `reading` has reported by then that it does not answer. */
const maxTimeMS = 5000;

type EventModels = Pick<Models, 'subscribers' | 'archivedEvents'>;

/** The end of a page: by subscriber id, the number of the last event shown. */
export const eventPlace = z.record(z.string().regex(/^[\w-]{1,40}$/), z.int().nonnegative());
export type EventPlace = Readonly<z.infer<typeof eventPlace>>;

export interface WantedEvents {
  /** The addresses of one contact. Events of merged spellings of an address are included. */
  subscriberIds: readonly string[];
  /** Continues after a page. */
  before?: EventPlace | null;
  /** Only events of these units and of the whole account; absent for all units. */
  unitIds?: readonly number[] | undefined;
  /** Omits other events. */
  isShown?: (event: ConsentEvent) => boolean;
}

/**
 * Reads events one after another, from a majority of the database's members. Events that are archived or added during the reading are neither missed
 * nor given twice.
 * @throws DomainError `DATABASE_AWAY`
 */
export async function* newestEvents(models: EventModels, wanted: WantedEvents): AsyncGenerator<ConsentEvent> {
  for await (const { event } of merged(models, wanted)) yield event;
}

/** All events of one address, oldest first, for a terminal or a test. */
export async function readEvents(models: EventModels, subscriberId: string): Promise<ConsentEvent[]> {
  const events: ConsentEvent[] = [];
  for await (const event of newestEvents(models, { subscriberIds: [subscriberId] })) events.push(event);
  return events.reverse();
}

/**
 * One page. New events do not shift pages: a page begins after an event, not after a count of events.
 * @returns `next` is the start of the following page; null if there is none
 */
export async function readEventsPage(
  models: EventModels,
  wanted: WantedEvents,
  size: number,
): Promise<{ events: ConsentEvent[]; next: EventPlace | null }> {
  const events: ConsentEvent[] = [];
  const place: Record<string, number> = { ...wanted.before };
  for await (const { subscriberId, event } of merged(models, wanted)) {
    if (events.length === size) return { events, next: place };
    events.push(event);
    place[subscriberId] = event.seq;
  }
  return { events, next: null };
}

interface Placed {
  subscriberId: string;
  event: ConsentEvent;
}

/** The events of several documents by their time, and within a document by their number. */
async function* merged(models: EventModels, wanted: WantedEvents): AsyncGenerator<Placed> {
  const { before, unitIds, isShown = () => true } = wanted;
  const heads = [];
  for (const document of await documentsOf(models, wanted.subscriberIds)) {
    const stream = eventsOf(models, document, { before: before?.[document._id], unitIds });
    heads.push({ subscriberId: document._id, stream, next: await stream.next() });
  }
  for (;;) {
    const open = heads.flatMap((head) => (head.next.done ? [] : [{ head, event: head.next.value }]));
    const [newest] = open.sort((a, b) => byTime(a.event, b.event));
    if (!newest) return;
    const { head, event } = newest;
    if (isShown(event)) yield { subscriberId: head.subscriberId, event };
    head.next = await head.stream.next();
  }
}

/** Newest first. Events of the same time are in the order of the channels. */
function byTime(a: ConsentEvent, b: ConsentEvent): number {
  return b.at.getTime() - a.at.getTime() || channels.indexOf(a.channel) - channels.indexOf(b.channel);
}

type EventDocument = Pick<Subscriber, '_id' | 'events' | 'seq' | 'mergedFrom'>;

/** Documents come before the archive. An event that leaves a document afterwards has a number that is not read from the archive. */
async function documentsOf(models: EventModels, ids: readonly string[]): Promise<EventDocument[]> {
  const find = (some: readonly string[]) =>
    reading(() =>
      models.subscribers
        .find({ _id: trusted({ $in: [...some] }) }, { events: 1, seq: 1, mergedFrom: 1 })
        .lean<EventDocument[]>(),
    );
  const own = await find(ids);
  const others = own.flatMap(({ mergedFrom = [] }) => mergedFrom);
  return others.length === 0 ? own : [...own, ...(await find(others))];
}

/** An act that was carried over from another spelling is shown once, as it happened there. Its copy here would break the order of time. */
const isOwn = ({ carriedFrom }: ConsentEvent) => carriedFrom === undefined;

async function* eventsOf(
  { archivedEvents }: EventModels,
  { _id, events, seq: newest }: EventDocument,
  { before = Infinity, unitIds }: { before?: number | undefined } & Pick<WantedEvents, 'unitIds'>,
): AsyncGenerator<ConsentEvent> {
  const isWanted = (event: ConsentEvent) => {
    const { unitId } = event.change;
    return isOwn(event) && (unitId === null || !unitIds || unitIds.includes(unitId));
  };
  yield* events.filter((event) => event.seq < before && isWanted(event)).sort((a, b) => b.seq - a.seq);
  const oldestKept = Math.min(newest + 1, ...events.map(({ seq }) => seq));
  let below = archivedEventKey(_id, Math.min(before, oldestKept));
  for (;;) {
    const range = { $gte: `${_id}:`, $lt: below };
    const rows = await reading(() =>
      archivedEvents
        .find({
          _id: trusted(range),
          ...(unitIds ? { 'event.change.unitId': trusted({ $in: [null, ...unitIds] }) } : {}),
        })
        .sort({ _id: -1 })
        .limit(batchSize)
        .maxTimeMS(maxTimeMS)
        .lean<ArchivedEvent[]>(),
    );
    for (const { event } of rows) if (isOwn(event)) yield event;
    const last = rows.at(-1);
    if (!last || rows.length < batchSize) return;
    below = last._id;
  }
}

/** Which of these types an address has ever been subscribed to, in any of its spellings. */
export async function everSubscribedTo(
  models: EventModels,
  { _id, mergedFrom = [] }: Pick<Subscriber, '_id' | 'mergedFrom'>,
  typeIds: readonly number[],
): Promise<Set<number>> {
  if (typeIds.length === 0) return new Set();
  const is = (path: string) => ({
    [`${path}.change.op`]: 'STATUS',
    [`${path}.change.to`]: 'SUBSCRIBED',
    [`${path}.change.typeId`]: { $in: typeIds },
  });
  const ids = [_id, ...mergedFrom];
  const ranges = ids.map((id) => ({ _id: { $gte: `${id}:`, $lt: `${id};` } }));
  const [kept, archived] = await reading(() =>
    Promise.all([
      models.subscribers.collection
        .aggregate<{ _id: number }>(
          [
            { $match: { _id: { $in: ids } } },
            { $unwind: '$events' },
            { $match: is('events') },
            { $group: { _id: '$events.change.typeId' } },
          ],
          { maxTimeMS },
        )
        .toArray(),
      models.archivedEvents.collection
        .aggregate<{ _id: number }>(
          [{ $match: { $or: ranges, ...is('event') } }, { $group: { _id: '$event.change.typeId' } }],
          { maxTimeMS },
        )
        .toArray(),
    ]),
  );
  return new Set([...kept, ...archived].map((one) => one._id));
}
