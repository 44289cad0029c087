/** How much an opt-out weighs: a person's own act more than a machine's in their name, and that more than anybody else's. */
import type { Standing } from './terms.js';

/** 2 where the contact itself opted out, 1 where it looked like a machine's, 0 where somebody else did. */
export function weightOf({ by, isMachine }: Pick<Standing, 'by' | 'isMachine'>): number {
  if (!isByContact({ by })) return 0;
  return isMachine ? 1 : 2;
}

/** True where the contact opted out, by the page, a link or the header. */
export function isByContact({ by }: Pick<Standing, 'by'>): boolean {
  return by === 'CONTACT' || by === 'ONE_CLICK';
}
