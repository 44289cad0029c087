/** Ids of units and types in forms and URLs: the same numbers that a token may carry. */
import { largestId } from '../../tokens/claims.js';

/** Pattern for one id: decimal, as a page writes it. */
export const idPattern = '(?:0|[1-9]\\d{0,9})';

const whole = new RegExp(`^${idPattern}$`);

/** @returns the id, or null if it is not a plain number, or no unit or type can have it */
export function readId(text: string): number | null {
  return whole.test(text) && Number(text) <= largestId ? Number(text) : null;
}
