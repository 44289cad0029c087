/** Subscription types: one kind of communication, of one unit, through one channel. Archived, never deleted. */
import { Schema } from 'mongoose';
import type { SubscriptionType } from '../vocabulary/terms.js';

export type SubscriptionTypeDocument = Omit<SubscriptionType, 'id'> & {
  _id: number;
  /** Raised by each change; a form's change is conditional on it. Absent before the first change. */
  version?: number;
  /** The call of the API that created it. Absent if staff did. */
  callId?: string;
  /** The call of the API that moved it last. */
  moveId?: string;
};

export const subscriptionTypeSchema = new Schema<SubscriptionTypeDocument>(
  {
    _id: { type: Number, required: true },
    unitId: { type: Number, required: true },
    channel: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, required: true },
    purpose: { type: String, default: 'MARKETING' },
    communicationMethod: { type: String, default: '' },
    isActive: { type: Boolean, required: true },
    isInternal: { type: Boolean, required: true },
    isDefault: { type: Boolean, required: true },
    order: { type: Number, required: true },
    translations: { type: Schema.Types.Mixed, default: {} },
    version: Number,
    callId: String,
    moveId: String,
  },
  { collection: 'subscription_types', minimize: false, versionKey: false },
);
