/** How often each network has asked, counted by rate-limiter-flexible; declared here so that migrations make its indexes and the doctor sees them. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../errors.js';

export interface RateLimit {
  /** The limit's name and a keyed hash of the network. */
  key: string;
  points: number;
  /** When the count is over; null for one without an end. */
  expire: Date | null;
}

const rateLimitCollection = 'rate_limits';

const schema = new Schema<RateLimit>(
  { key: { type: String, required: true }, points: Number, expire: { type: Date, default: null } },
  { collection: rateLimitCollection, versionKey: false },
);
// The count leans on it: without it, requests that come first together would each make a counter of their own.
schema.index({ key: 1 }, { unique: true });
schema.index({ expire: 1 }, { expireAfterSeconds: 0 });

export type RateLimitModel = Model<RateLimit>;

export function rateLimitModel(connection: Connection): RateLimitModel {
  return connection.model<RateLimit>('RateLimit', schema);
}

/** `most` in `seconds` seconds, counted under `name`. */
export interface Limit {
  name: string;
  most: number;
  seconds: number;
}

/** Counts in the database, so every process counts together. The library prepares each limiter at its first use: keep it. */
export function rateLimiter(connection: Connection, limit: Limit): RateLimiterMongo {
  return new RateLimiterMongo({
    storeClient: connection,
    dbName: connection.name,
    tableName: rateLimitCollection,
    keyPrefix: limit.name,
    points: limit.most,
    duration: limit.seconds,
    // Made by the migrations, of the model.
    disableIndexesCreation: true,
  });
}

/** The refusal of a limiter, as callers may show it: with the seconds to wait. */
export function tooMany({ msBeforeNext }: Pick<RateLimiterRes, 'msBeforeNext'>): DomainError {
  return new DomainError('TOO_MANY_REQUESTS', undefined, {
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
}
