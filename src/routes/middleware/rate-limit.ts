/** Limits the requests of one network; all processes share the count through the database. Opt-outs are never limited. */
import { createHmac } from 'node:crypto';
import type { RequestHandler } from 'express';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Deps } from '../../deps.js';
import { reading } from '../../domain/consent/durability.js';
import { rateLimiter, tooMany, type Limit } from '../../models/rate-limit.js';
import { networkOf } from './network-of.js';

/**
 * @returns a handler that passes the request on, or throws `TOO_MANY_REQUESTS`. If the count cannot be stored, the request passes
 */
export function limitByAddress(deps: Deps, limit: Limit): RequestHandler {
  const count = limitOf(deps, limit);
  return async (request, _response, next) => {
    await count(networkOf(request.ip ?? ''));
    next();
  };
}

/**
 * The same for any counted value.
 * @returns a function that counts one request for the given value
 * @throws DomainError `TOO_MANY_REQUESTS` with the seconds to wait. If the count cannot be stored, the request passes
 */
export function limitOf(deps: Deps, limit: Limit): (whom: string) => Promise<void> {
  const limiter = rateLimiter(deps.connection, limit);
  const hash = networkHash(deps.config.subscriberIdKey);
  return async (whom) => {
    try {
      // The count is stored under a hash, so the database holds no network addresses.
      await reading(() => limiter.consume(hash(whom)));
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw tooMany(refusal);
      deps.log.warn({ err: refusal }, 'rate limit not counted');
    }
  };
}

/**
 * The same with fewer writes: takes several points at once from the shared count and spends them here. Unused points expire with the window, so a
 * process may let through up to `batch` fewer.
 */
export function limitInBatches(deps: Deps, limit: Limit, batch: number): (whom: string) => Promise<void> {
  const limiter = rateLimiter(deps.connection, limit);
  const hash = networkHash(deps.config.subscriberIdKey);
  const held = new Map<string, { left: number; isRefused: boolean; until: number }>();
  const taking = new Map<string, Promise<void>>();
  const take = async (whom: string) => {
    const hold = (left: number, ms: number) =>
      held.set(whom, { left, isRefused: left === 0, until: performance.now() + ms });
    try {
      const { msBeforeNext } = await reading(() => limiter.consume(hash(whom), batch));
      hold(batch, msBeforeNext);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return void hold(0, refusal.msBeforeNext);
      deps.log.warn({ err: refusal }, 'rate limit not counted');
      hold(batch, 1000);
    }
  };
  return async (whom) => {
    for (;;) {
      const own = held.get(whom);
      const msBeforeNext = (own?.until ?? 0) - performance.now();
      if (own && msBeforeNext > 0) {
        if (own.left > 0) return void (own.left -= 1);
        if (own.isRefused) throw tooMany({ msBeforeNext });
      }
      const asked = taking.get(whom) ?? take(whom).finally(() => taking.delete(whom));
      taking.set(whom, asked);
      await asked;
    }
  };
}

/** Under a separate label, so that it never equals a subscriber id. */
function networkHash(key: string): (network: string) => string {
  return (network) =>
    createHmac('sha256', key)
      .update(`sayso rate limit:${network}`)
      .digest()
      .subarray(0, 16)
      .toString('base64url');
}
