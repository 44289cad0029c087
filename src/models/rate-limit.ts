/** Counters of rate-limiter-flexible. The model creates their indexes and lets the doctor check them. Every start loads this file, so the limiters are in another. */
import { Schema } from 'mongoose';

export interface RateLimit {
  /** Name of the limit and a keyed hash of the counted value. */
  key: string;
  points: number;
  /** End of the window; null for a counter without end. */
  expire: Date | null;
}

export const rateLimitCollection = 'rate_limits';

export const rateLimitSchema = new Schema<RateLimit>(
  { key: { type: String, required: true }, points: Number, expire: { type: Date, default: null } },
  { collection: rateLimitCollection, versionKey: false },
);
// Without it, concurrent first requests would each create a counter.
rateLimitSchema.index({ key: 1 }, { unique: true });
rateLimitSchema.index({ expire: 1 }, { expireAfterSeconds: 0 });
