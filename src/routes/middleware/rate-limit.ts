/** Limits the requests of one network; all processes share the count through the database. Opt-outs are never limited. */
import { createHmac } from 'node:crypto';
import type { RequestHandler } from 'express';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Deps } from '../../deps.js';
import { reading } from '../../domain/consent/durability.js';
import { rateLimiter, tooMany, type Limit } from '../../models/rate-limiter.js';
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

/** What a counted value has left in its window. */
export interface Rate {
  most: number;
  seconds: number;
  /** Requests left: at least so many, since other processes hold some too. */
  left: number;
  resetMs: number;
  isRefused: boolean;
}

/**
 * The same with fewer writes: takes several points at once from the shared count and spends them here. Unused points expire with the window, so a
 * process may let through up to `batch` fewer.
 * @returns a function that counts one request, and returns what is left; it leaves the refusal to its caller
 */
export function limitInBatches(
  deps: Deps,
  { most, seconds, name }: Limit,
  batch: number,
): (whom: string) => Promise<Rate> {
  const limiter = rateLimiter(deps.connection, { most, seconds, name });
  const hash = networkHash(deps.config.subscriberIdKey);
  const held = new Map<string, { left: number; shared: number; isRefused: boolean; until: number }>();
  const taking = new Map<string, Promise<void>>();
  const take = async (whom: string) => {
    const hold = (left: number, shared: number, ms: number) =>
      held.set(whom, { left, shared, isRefused: left === 0, until: performance.now() + ms });
    try {
      const { msBeforeNext, remainingPoints } = await reading(() => limiter.consume(hash(whom), batch));
      hold(batch, remainingPoints, msBeforeNext);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return void hold(0, 0, refusal.msBeforeNext);
      deps.log.warn({ err: refusal }, 'rate limit not counted');
      hold(batch, 0, 1000);
    }
  };
  return async (whom) => {
    for (;;) {
      const own = held.get(whom);
      const resetMs = (own?.until ?? 0) - performance.now();
      if (own && resetMs > 0 && (own.left > 0 || own.isRefused)) {
        own.left = Math.max(0, own.left - 1);
        return { most, seconds, left: own.left + own.shared, resetMs, isRefused: own.isRefused };
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
