/** Authenticates calls of the API: a key in the `Authorization` header, rate-limited, with the scope that the call needs. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { noteUse, useNotedEveryMs, whoseKey, type ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import { isGranted, type ApiScope } from '../../models/api-key.js';
import { limitInBatches, type Rate } from '../middleware/rate-limit.js';

export type AuthenticateKey = (
  request: Request,
  needed: readonly ApiScope[],
) => Promise<{ caller: ApiCaller; rate: Rate }>;

/** Maximum number of requests per key and minute: a thousand a second, so that it stops a program that runs wild, and never slows a mailing. */
const mostAMinute = 60_000;
/** Number of requests that a process takes from the shared count at once: only one in so many waits for a write. */
const batch = 60;

/**
 * @returns a function that returns the caller and what is left of its rate limit, or throws: `INVALID_AUTHENTICATION`, or `MISSING_SCOPES` with the
 *   `needed` scopes as its cause. It leaves a refusal by the rate limit to its caller, since that never refuses an opt-out. The key's last use is
 *   stored after the answer.
 */
export function authenticateKey(deps: Deps): AuthenticateKey {
  const limit = limitInBatches(deps, { name: 'api-key', most: mostAMinute, seconds: 60 }, batch);
  const notedAt = new Map<string, number>();
  const note = (id: string) => {
    const now = deps.clock().getTime();
    if (now - (notedAt.get(id) ?? 0) < useNotedEveryMs) return;
    notedAt.set(id, now);
    deps.background?.(
      noteUse(deps, id).catch((err: unknown) => deps.log.warn({ err }, 'use of a key not noted')),
    );
  };
  return async (request, needed) => {
    const caller = await whoseKey(deps, request.get('authorization'));
    const rate = await limit(caller.id);
    note(caller.id);
    const missing = needed.find((scope) => !isGranted(caller.scopes, scope));
    if (missing)
      throw new DomainError('MISSING_SCOPES', `This key lacks the scope "${missing}".`, { cause: needed });
    return { caller, rate };
  };
}
