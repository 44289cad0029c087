/** Counters of rate-limiter-flexible. The model creates their indexes and lets the doctor check them. */
import { Schema, type Connection } from 'mongoose';
import { RateLimiterMongo, type RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../errors.js';

export interface RateLimit {
  /** Name of the limit and a keyed hash of the counted value. */
  key: string;
  points: number;
  /** End of the window; null for a counter without end. */
  expire: Date | null;
}

const rateLimitCollection = 'rate_limits';

export const rateLimitSchema = new Schema<RateLimit>(
  { key: { type: String, required: true }, points: Number, expire: { type: Date, default: null } },
  { collection: rateLimitCollection, versionKey: false },
);
// Without it, concurrent first requests would each create a counter.
rateLimitSchema.index({ key: 1 }, { unique: true });
rateLimitSchema.index({ expire: 1 }, { expireAfterSeconds: 0 });

/** At most `most` in `seconds` seconds, counted under `name`. */
export interface Limit {
  name: string;
  most: number;
  seconds: number;
}

/** Counts in the database, so that all processes share the count. The library prepares each limiter at its first use: keep it. */
export function rateLimiter(connection: Connection, limit: Limit): RateLimiterMongo {
  return new RateLimiterMongo({
    storeClient: connection,
    dbName: connection.name,
    tableName: rateLimitCollection,
    keyPrefix: limit.name,
    points: limit.most,
    duration: limit.seconds,
    // The model declares them, and migrations create them.
    disableIndexesCreation: true,
  });
}

/** The refusal of a limiter as an error, with the seconds to wait. */
export function tooMany({ msBeforeNext }: Pick<RateLimiterRes, 'msBeforeNext'>): DomainError {
  return new DomainError('TOO_MANY_REQUESTS', undefined, {
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
}
