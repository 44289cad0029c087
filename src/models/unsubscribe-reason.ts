/** Reasons for unsubscribing, if given: by unit and type, stored without the subscriber. */
import { Schema, type Model } from 'mongoose';
import { isDuplicateKey } from './database-fault.js';
import { bucketOf, markIndex, type Mark, type ReasonEvent } from './change.js';

export const reasons = ['TOO_MANY', 'NOT_RELEVANT', 'NEVER_ASKED', 'OTHER'] as const;

export interface UnsubscribeReason {
  /** The nonce of its unsubscription, so that a repeated reason counts once. The subscriber's next save deletes the nonce. */
  _id: string;
  unitId: number;
  typeId: number | null;
  reason: (typeof reasons)[number];
  /** Of the first answer. */
  at: Date;
  /** Raised by each answer; absent in answers of older releases. */
  version?: number;
  /** Set with every answer, until it is in the change feed. */
  unpublished?: Mark & { events: ReasonEvent[] };
}

export const unsubscribeReasonSchema = new Schema<UnsubscribeReason>(
  {
    ...{ _id: String, unitId: Number, typeId: Number, reason: String, at: Date },
    ...{ version: Number, unpublished: Schema.Types.Mixed },
  },
  { collection: 'unsubscribe_reasons', versionKey: false },
);
unsubscribeReasonSchema.index(...markIndex);

export type UnsubscribeReasonModel = Model<UnsubscribeReason>;

/** Stores a reason; a second one for the same unsubscription replaces it. */
export async function recordReason(
  model: UnsubscribeReasonModel,
  {
    _id,
    unitId,
    typeId,
    reason,
    at: now,
  }: Pick<UnsubscribeReason, '_id' | 'unitId' | 'typeId' | 'reason' | 'at'>,
): Promise<void> {
  const at = { $ifNull: ['$at', now] };
  const version = { $add: [{ $ifNull: ['$version', 0] }, 1] };
  const event = { seq: version, at, unitId, reason, was: { $ifNull: ['$reason', null] } };
  const unpublished = {
    bucket: bucketOf(_id),
    since: { $ifNull: ['$unpublished.since', now] },
    events: { $concatArrays: [{ $ifNull: ['$unpublished.events', []] }, [event]] },
  };
  const set = { unitId, typeId, reason, at, version, unpublished };
  // The same answer again, such as a double click, changes nothing.
  const write = (upsert: boolean) =>
    model.collection.updateOne({ _id: _id as never, reason: { $ne: reason } }, [{ $set: set }] as never, {
      upsert,
    });
  // The question has an answer already: this one replaces it, unless it is the same.
  await write(true).catch((error: unknown) => (isDuplicateKey(error) ? write(false) : Promise.reject(error)));
}
