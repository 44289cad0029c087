/** Reports of bounces, complaints and unsubscribes: one document an event of a provider, so that each counts once. They hold no address. */
import { Schema } from 'mongoose';
import type { ReportKind } from '../vocabulary/bounces.js';

/** Days for which an event's id is kept. An event that is older when it arrives is ignored, so a replay never counts. */
export const reportsKeptDays = 100;

export interface BounceReport {
  /** Hash of the endpoint and the provider's event id. */
  _id: string;
  /** `CLEARED`: staff or the contact cleared a bounce or a complaint. `TOKEN`: a token of a signed call, which counts once. */
  kind: ReportKind | 'CLEARED' | 'TOKEN';
  subscriberId: string | null;
  /** The endpoint that received it. */
  endpoint?: string;
  /** Time of the event, by the provider. */
  at: Date;
  /** Refused for policy (5.7.x): about the sender, not the address. It is not counted as a soft bounce. */
  isPolicy?: boolean;
  /** Of a token: the hash of the call that used it. */
  body?: string;
  /** Null until what it says has been done. */
  doneAt: Date | null;
  /** Absent: kept for good, as the time of a clearing. */
  expiresAt?: Date;
}

export const bounceReportSchema = new Schema<BounceReport>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    subscriberId: { type: String, default: null },
    endpoint: String,
    at: { type: Date, required: true },
    isPolicy: Boolean,
    body: String,
    doneAt: { type: Date, default: null },
    expiresAt: Date,
  },
  { collection: 'bounce_reports', versionKey: false },
);
bounceReportSchema.index({ subscriberId: 1, at: 1 });
bounceReportSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
