/** Ids of units and types as they stand in forms and URLs: the very numbers that a token may carry. */
import { largestId } from '../../tokens/claims.js';

/** Source of a pattern for one id: decimal, as a page writes it. */
export const idPattern = '(?:0|[1-9]\\d{0,9})';

const whole = new RegExp(`^${idPattern}$`);

/** @returns the id, or null for what is none: no plain number, or one that no unit and no type can have */
export function readId(text: string): number | null {
  return whole.test(text) && Number(text) <= largestId ? Number(text) : null;
}
