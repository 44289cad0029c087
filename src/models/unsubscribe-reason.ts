/** Reasons for unsubscribing, if given: counted by unit and type, stored without the subscriber. */
import { Schema, type Model } from 'mongoose';

export const reasons = ['TOO_MANY', 'NOT_RELEVANT', 'NEVER_ASKED', 'OTHER'] as const;

export interface UnsubscribeReason {
  /** The nonce of its unsubscription, so that a repeated reason counts once. The subscriber's next save deletes the nonce. */
  _id: string;
  unitId: number;
  typeId: number | null;
  reason: (typeof reasons)[number];
  at: Date;
}

export const unsubscribeReasonSchema = new Schema<UnsubscribeReason>(
  { _id: String, unitId: Number, typeId: Number, reason: String, at: Date },
  { collection: 'unsubscribe_reasons', versionKey: false },
);

export type UnsubscribeReasonModel = Model<UnsubscribeReason>;

/** Stores a reason; a second one for the same unsubscription replaces it. */
export async function recordReason(model: UnsubscribeReasonModel, said: UnsubscribeReason): Promise<void> {
  const { _id, ...rest } = said;
  await model.updateOne({ _id }, { $set: rest }, { upsert: true });
}
