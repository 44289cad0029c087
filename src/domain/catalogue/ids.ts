/** Ids of units and types are given by the portal: two that are made at once never get the same. */
import { isDuplicateKey } from '../../models/database-fault.js';
import { largestId } from '../../tokens/claims.js';
import { writing } from '../consent/durability.js';

/**
 * The next free id: one above the highest, and where there is no room above, the lowest that is free.
 * @param first the id of the first of all
 */
export function nextFreeId(taken: readonly number[], first: number): number {
  const next = taken.reduce((highest, id) => Math.max(highest, id + 1), first);
  if (next <= largestId) return next;
  const all = new Set(taken);
  for (let id = first; ; id++) if (!all.has(id)) return id;
}

/** A process that loses the race looks again, so an id belongs to one thing only. */
const mostAttempts = 100;

/**
 * Inserts under the next free id.
 * @param taken ids as the database has them now
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
