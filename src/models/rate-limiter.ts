/** Limiters that count in the database, for all processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { RateLimiterMongo, type RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../errors.js';
import { rateLimitCollection } from './rate-limit.js';

/** At most `most` in `seconds` seconds, counted under `name`. */
export interface Limit {
  name: string;
  most: number;
  seconds: number;
}

/** Counts in the database, so that all processes share the count. The library prepares each limiter at its first use: keep it. */
export function rateLimiter(connection: Connection, limit: Limit): RateLimiterMongo {
  return new SharedLimiter({
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

/** A count waits at most so long for another one, in milliseconds. */
const mostWaitMs = 1000;

/**
 * Of several first counts of a window at the same moment, the embedded database counts each, but returns nothing for some (decision 0812). So in this
 * process a count waits for the one of the same name that it finds under way. When other processes race, the count is read.
 */
class SharedLimiter extends RateLimiterMongo {
  private readonly underWay = new Map<string | number, Promise<unknown>>();

  override async consume(...of: Parameters<RateLimiterMongo['consume']>): Promise<RateLimiterRes> {
    const [key] = of;
    const ahead = this.underWay.get(key);
    if (ahead) {
      // A database that hangs must not hold up those behind it.
      await Promise.race([ahead, sleep(mostWaitMs, undefined, { ref: false })]);
      return this.count(...of);
    }
    const counting = this.count(...of);
    this.underWay.set(
      key,
      Promise.allSettled([counting]).then(() => this.underWay.delete(key)),
    );
    return counting;
  }

  private async count(...of: Parameters<RateLimiterMongo['consume']>): Promise<RateLimiterRes> {
    try {
      return await super.consume(...of);
    } catch (error) {
      const counted = error instanceof TypeError ? await this.get(of[0]) : null;
      if (!counted) throw error;
      // Over the limit, the library refuses another count, with the time to wait.
      return counted.consumedPoints > this.points ? super.consume(...of) : counted;
    }
  }
}

/** The refusal of a limiter as an error, with the seconds to wait. */
export function tooMany({ msBeforeNext }: Pick<RateLimiterRes, 'msBeforeNext'>): DomainError {
  return new DomainError('TOO_MANY_REQUESTS', undefined, {
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
}
