/** The events of addresses for people to read: newest first, and read from the archive only as far as somebody asks. */
import { trusted } from 'mongoose';
import { archivedEventKey } from '../../models/archived-event.js';
import type { ArchivedEvent } from '../../models/archived-event.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { reading } from './durability.js';
import { channels } from '../../vocabulary/terms.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

/** Events that are read from the archive at once. */
const batchSize = 100;
/** Milliseconds after which the database gives such a read up; `reading` has told by then that it does not answer. */
const maxTimeMS = 5000;

type EventModels = Pick<Models, 'subscribers' | 'archivedEvents'>;

/** Where a page ended: by subscriber id, the number of the last event that was shown. */
export type EventPlace = Readonly<Record<string, number>>;

export interface WantedEvents {
  /** Of one contact: its addresses. Events of other spellings of an address, which were merged, come with it. */
  subscriberIds: readonly string[];
  /** To go on behind a page. */
  before?: EventPlace | null;
  /** Only events of these units and of the whole account; absent for all units. */
  unitIds?: readonly number[] | undefined;
  /** Leaves out others. */
  isShown?: (event: ConsentEvent) => boolean;
}

/**
 * Reads events one after another, as a majority has them. Events that are archived, or added, while somebody reads are neither missed nor given
 * twice.
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
 * One page. Events that are added meanwhile move nothing: a page begins behind an event, not behind a number of them.
 * @returns `next` is where the following page begins; null where there is none
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

/** A place for a URL. */
export function placeText(place: EventPlace): string {
  return Object.entries(place)
    .map(([id, seq]) => `${id}~${seq}`)
    .join('.');
}

/** @returns null for anything that is not a place, which shows the first page */
export function placeOf(text: unknown): EventPlace | null {
  if (typeof text !== 'string' || text.length > 500) return null;
  const parts = text.split('.').map((part) => /^([\w-]{1,40})~(\d{1,10})$/.exec(part));
  const place = new Map(parts.flatMap((part) => (part ? [[part[1] ?? '', Number(part[2])]] : [])));
  return place.size === parts.length ? Object.fromEntries(place) : null;
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

/** Newest first; of several at once, in the order of the channels. */
function byTime(a: ConsentEvent, b: ConsentEvent): number {
  return b.at.getTime() - a.at.getTime() || channels.indexOf(a.channel) - channels.indexOf(b.channel);
}

type EventDocument = Pick<Subscriber, '_id' | 'events' | 'seq' | 'mergedFrom'>;

/** Documents before anything of the archive: what leaves one afterwards has a number that the archive is not asked for. */
async function documentsOf(models: EventModels, ids: readonly string[]): Promise<EventDocument[]> {
  const find = (some: readonly string[]) =>
    reading(() =>
      models.subscribers
        .find({ _id: trusted({ $in: [...some] }) }, { events: 1, seq: 1, mergedFrom: 1 })
        .read('primary')
        .readConcern('majority')
        .lean<EventDocument[]>(),
    );
  const own = await find(ids);
  const others = own.flatMap(({ mergedFrom = [] }) => mergedFrom);
  return others.length === 0 ? own : [...own, ...(await find(others))];
}

/** An act that was carried over from another spelling comes once, as it happened there; here it would stand out of the order of time. */
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
        .read('primary')
        .readConcern('majority')
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
  const options = { readConcern: { level: 'majority' as const }, maxTimeMS };
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
          options,
        )
        .toArray(),
      models.archivedEvents.collection
        .aggregate<{ _id: number }>(
          [{ $match: { $or: ranges, ...is('event') } }, { $group: { _id: '$event.change.typeId' } }],
          options,
        )
        .toArray(),
    ]),
  );
  return new Set([...kept, ...archived].map((one) => one._id));
}
