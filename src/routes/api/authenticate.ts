/** Authenticates calls of the API: a key in the `Authorization` header, rate-limited, with the scope that the call needs. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { noteUse, useNotedEveryMs, whoseKey, type ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import type { ApiScope } from '../../models/api-key.js';
import { limitInBatches } from '../middleware/rate-limit.js';

export type AuthenticateKey = (request: Request, needed?: ApiScope) => Promise<ApiCaller>;

/** Maximum number of requests per key and minute: enough to check each address of a mailing while it is sent. */
const mostAMinute = 6000;
/** Number of requests that a process takes from the shared count at once: only one in so many waits for a write. */
const batch = 60;

/**
 * @returns a function that returns the caller, or throws: `INVALID_AUTHENTICATION`, `TOO_MANY_REQUESTS` (with `Retry-After`), `MISSING_SCOPES` if the
 *   key lacks the `needed` scope. The key's last use is stored after the answer.
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
    await limit(caller.id);
    note(caller.id);
    if (needed && !caller.scopes.includes(needed))
      throw new DomainError('MISSING_SCOPES', `This key lacks the scope "${needed}".`);
    return caller;
  };
}
