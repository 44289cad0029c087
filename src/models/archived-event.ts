/** Events that were moved out of their subscriber's document. Each has its own key, so archiving twice stores one. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { ConsentEvent } from '../vocabulary/terms.js';
import type { Subscriber } from './subscriber.js';

export interface ArchivedEvent {
  /** `<subscriber id>:<seq, ten digits>`: sorts by time within a subscriber, so a range needs no other index. */
  _id: string;
  event: ConsentEvent;
}

export const archivedEventSchema = new Schema<ArchivedEvent>(
  { _id: String, event: Schema.Types.Mixed },
  { collection: 'archived_events', minimize: false, versionKey: false },
);

export type ArchivedEventModel = Model<ArchivedEvent>;

export function archivedEventKey(subscriberId: string, seq: number): string {
  return `${subscriberId}:${String(seq).padStart(10, '0')}`;
}

/** A subscriber's archived events, oldest first, read from a majority of the members. */
export async function findArchivedEvents(
  model: ArchivedEventModel,
  subscriberId: string,
): Promise<ConsentEvent[]> {
  const rows = await model
    .find({ _id: mongoose.trusted({ $gte: `${subscriberId}:`, $lt: `${subscriberId};` }) })
    .sort({ _id: 1 })
    .lean<ArchivedEvent[]>();
  return rows.map((row) => row.event);
}

/**
 * A page of a subscriber's events, newest first. The archive is read only as far as the page needs.
 * @param subscriber read before this, as for `findAllEvents`
 * @param page `before`: only events with lower numbers; `unitIds`: only events of these units and of the whole account; `most`: the length of the page
 */
export async function findEventsBefore(
  model: ArchivedEventModel,
  { _id, seq: newest, events }: Pick<Subscriber, '_id' | 'seq' | 'events'>,
  { before, unitIds, most }: { before: number; unitIds: readonly number[]; most: number },
): Promise<ConsentEvent[]> {
  const kept = events
    .filter(({ seq, change: { unitId } }) => seq < before && (unitId === null || unitIds.includes(unitId)))
    .sort((a, b) => b.seq - a.seq)
    .slice(0, most);
  const below = Math.min(before, newest + 1, ...events.map(({ seq }) => seq));
  if (kept.length === most || below <= 1) return kept;
  const rows = await model
    .find({
      _id: mongoose.trusted({ $gte: `${_id}:`, $lt: archivedEventKey(_id, below) }),
      'event.change.unitId': mongoose.trusted({ $in: [null, ...unitIds] }),
    })
    .sort({ _id: -1 })
    .limit(most - kept.length)
    .lean<ArchivedEvent[]>();
  return [...kept, ...rows.map(({ event }) => event)];
}

/**
 * All events of a subscriber, oldest first. The archive is read only if the document lacks events, and an event that is found in both counts once.
 * @param subscriber read before this, so that an event that moves to the archive in between is found twice, not lost
 */
export async function findAllEvents(
  model: ArchivedEventModel,
  { _id, seq, events }: Pick<Subscriber, '_id' | 'seq' | 'events'>,
): Promise<ConsentEvent[]> {
  const archived = seq > events.length ? await findArchivedEvents(model, _id) : [];
  const bySeq = new Map([...archived, ...events].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
