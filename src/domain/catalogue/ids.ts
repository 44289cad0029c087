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
 * Inserts under the next free id.
 * @param taken ids that the database has now
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function insertUnderFreeId(
  first: number,
  taken: () => Promise<number[]>,
  insert: (id: number) => Promise<unknown>,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const id = nextFreeId(await taken(), first);
    try {
      await writing(() => insert(id));
      return id;
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === mostAttempts) throw error;
    }
  }
}
