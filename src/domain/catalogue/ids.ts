/** The portal assigns ids of units and types. Two that are created at once never get the same. */
import { isDuplicateKey } from '../../models/database-fault.js';
import { largestId } from '../../tokens/claims.js';
import { writing } from '../consent/durability.js';

/**
 * The next free id: one above the highest, or the lowest free one if the highest is the last possible.
 * @param first the lowest possible id
 */
export function nextFreeId(taken: readonly number[], first: number): number {
  const next = taken.reduce((highest, id) => Math.max(highest, id + 1), first);
  if (next <= largestId) return next;
  const all = new Set(taken);
  for (let id = first; ; id++) if (!all.has(id)) return id;
}

/** A process that loses the race tries the next id, so an id is never given twice. */
const mostAttempts = 100;

/**
 * Inserts under the next free id, unless the same call has done so before.
 * @param stored what the database has now
 * @param callId names the call of the API that creates it, and is stored with it
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function insertUnderFreeId(
  { first, callId }: { first: number; callId: string | undefined },
  stored: () => Promise<{ _id: number; callId?: string }[]>,
  insert: (id: number) => Promise<unknown>,
): Promise<{ id: number; isNew: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const all = await stored();
    // Of two runs of one call, the later finds what the earlier inserted: it fails at that id, and reads again.
    const made = callId === undefined ? undefined : all.find((one) => one.callId === callId);
    if (made) return { id: made._id, isNew: false };
    const ids = all.map(({ _id }) => _id);
    const id = nextFreeId(ids, first);
    try {
      await writing(() => insert(id));
      return { id, isNew: true };
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === mostAttempts) throw error;
    }
  }
}
