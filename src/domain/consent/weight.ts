/** How much an opt-out weighs: a person's own act more than a machine's in their name, and that more than anybody else's. */
import type { ConsentState, Standing } from './terms.js';

type Said = Pick<Standing, 'by' | 'isMachine' | 'at'>;
type Erasure = Pick<ConsentState, 'erasedAt'>;

export const othersWeight = 0;
/** Of what looked like a machine's in the contact's name. */
export const machineWeight = 1;
const contactsWeight = 2;

export function weightOf({ by, isMachine }: Pick<Standing, 'by' | 'isMachine'>): number {
  if (!isByContact({ by })) return othersWeight;
  return isMachine ? machineWeight : contactsWeight;
}

/** True for an opt-out of all that staff set and may remove. What stood when the person was erased is the person's (decision 0497). */
export function isStaffsToLift({ by, at }: Pick<Standing, 'by' | 'at'>, { erasedAt }: Erasure): boolean {
  return by === 'STAFF' && !(erasedAt && at <= erasedAt);
}

/** True where staff may remove the other opt-out of all and not this one, though both weigh the same (decision 0495). */
export function isFirmer(one: Said, other: Said, erasure: Erasure): boolean {
  return weightOf(one) === weightOf(other) && !isStaffsToLift(one, erasure) && isStaffsToLift(other, erasure);
}

/** True where the contact opted out, by the page, a link or the header. */
export function isByContact({ by }: Pick<Standing, 'by'>): boolean {
  return by === 'CONTACT' || by === 'ONE_CLICK';
}
