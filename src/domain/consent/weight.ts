/** How much an opt-out weighs: a person's own act more than a machine's in their name, and that more than anybody else's. */
import type { Standing } from './terms.js';

export const othersWeight = 0;
/** Of what looked like a machine's in the contact's name. */
export const machineWeight = 1;
const contactsWeight = 2;

export function weightOf({ by, isMachine }: Pick<Standing, 'by' | 'isMachine'>): number {
  if (!isByContact({ by })) return othersWeight;
  return isMachine ? machineWeight : contactsWeight;
}

/** True where staff may remove the other opt-out of all and not this one, though both weigh the same: theirs is the one that they set (decision 0495). */
export function isFirmer(one: Pick<Standing, 'by' | 'isMachine'>, other: typeof one): boolean {
  return weightOf(one) === weightOf(other) && one.by !== 'STAFF' && other.by === 'STAFF';
}

/** True where the contact opted out, by the page, a link or the header. */
export function isByContact({ by }: Pick<Standing, 'by'>): boolean {
  return by === 'CONTACT' || by === 'ONE_CLICK';
}
