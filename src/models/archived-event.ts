/** Events that were moved out of their subscriber's document. Each has its own key, so archiving twice stores one. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { ConsentEvent } from '../vocabulary/terms.js';

export interface ArchivedEvent {
  /** `<subscriber id>:<seq, ten digits>`: sorts by time within a subscriber, so a range needs no other index. */
  _id: string;
  event: ConsentEvent;
}

export const archivedEventSchema = new Schema<ArchivedEvent>(
  { _id: { type: String, required: true }, event: { type: Schema.Types.Mixed, required: true } },
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
