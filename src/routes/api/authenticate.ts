/** Who calls the API: a key in the `Authorization` header, counted, with the scope that the call needs. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { noteUse, useNotedEveryMs, whoseKey } from '../../domain/staff/api-keys.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import type { ApiScope } from '../../models/api-key.js';
import { limitInBatches } from '../middleware/rate-limit.js';

export type AuthenticateKey = (request: Request, needed?: ApiScope) => Promise<ApiCaller>;

/** Requests of one key within a minute: enough for who asks about each address of a mailing as it goes out. */
const mostAMinute = 6000;
/** Of those, how many a process takes from the shared count at once: only one call of so many waits for a write. */
const batch = 60;

/**
 * @returns tells who calls, or throws: `INVALID_AUTHENTICATION`, `TOO_MANY_REQUESTS` (with `Retry-After`), `MISSING_SCOPES` where the key may not
 *   do what is `needed`. The key's last use is noted behind the answer.
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
