/** Limits how often one network address may ask; shared by every process through the database. Opt-outs are never limited. */
import type { RequestHandler } from 'express';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';

/**
 * @param limit `most` requests in `seconds` seconds, counted under `name`
 * @returns a handler that passes the request on, or throws `TOO_MANY_REQUESTS`; where the count cannot be kept it lets the request pass
 */
export function limitByAddress(
  deps: Deps,
  limit: { name: string; most: number; seconds: number },
): RequestHandler {
  const limiter = new RateLimiterMongo({
    storeClient: deps.connection,
    dbName: deps.connection.name,
    tableName: 'rate_limits',
    keyPrefix: limit.name,
    points: limit.most,
    duration: limit.seconds,
    disableIndexesCreation: true,
  });
  return async (request, response, next) => {
    try {
      // The count is kept under a hash: the database holds no network addresses either.
      await limiter.consume(deps.subscriberIds('SMS', request.ip ?? ''));
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        response.set('Retry-After', String(Math.ceil(refusal.msBeforeNext / 1000)));
        throw new DomainError('TOO_MANY_REQUESTS');
      }
      deps.log.warn({ err: refusal }, 'rate limit not counted');
    }
    next();
  };
}
