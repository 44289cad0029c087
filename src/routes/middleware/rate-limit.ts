/** Limits how often one network may ask; shared by every process through the database. Opt-outs are never limited. */
import { createHmac } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Deps } from '../../deps.js';
import { reading } from '../../domain/consent/durability.js';
import { DomainError } from '../../errors.js';
import { rateLimiter } from '../../models/rate-limit.js';
import type { Limit } from '../../models/rate-limit.js';
import { networkOf } from './network-of.js';

/**
 * @returns a handler that passes the request on, or throws `TOO_MANY_REQUESTS`; where the count cannot be kept it lets the request pass
 */
export function limitByAddress(deps: Deps, limit: Limit): RequestHandler {
  const count = limitOf(deps, limit);
  return async (request, response, next) => {
    await count(networkOf(request.ip ?? ''), response);
    next();
  };
}

/**
 * The same for whatever a request is counted by.
 * @returns counts one request of whom it is told, and says when to come again
 * @throws DomainError `TOO_MANY_REQUESTS`; where the count cannot be kept it lets the request pass
 */
export function limitOf(deps: Deps, limit: Limit): (whom: string, response: Response) => Promise<void> {
  const limiter = rateLimiter(deps.connection, limit);
  const hash = networkHash(deps.config.subscriberIdKey);
  return async (whom, response) => {
    try {
      // The count is kept under a hash: the database holds no network addresses either.
      await reading(() => limiter.consume(hash(whom)));
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        response.set('Retry-After', String(Math.ceil(refusal.msBeforeNext / 1000)));
        throw new DomainError('TOO_MANY_REQUESTS');
      }
      deps.log.warn({ err: refusal }, 'rate limit not counted');
    }
  };
}

/** Under a label of its own, so that it is nobody's subscriber id. */
function networkHash(key: string): (network: string) => string {
  return (network) =>
    createHmac('sha256', key)
      .update(`sayso rate limit:${network}`)
      .digest()
      .subarray(0, 16)
      .toString('base64url');
}
