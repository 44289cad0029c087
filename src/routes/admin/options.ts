/** Choices of a legal basis and of a business unit, and the look of a status. */
import { legalBases, type BusinessUnit, type SubscriptionStatus } from '../../vocabulary/terms.js';
import { basisNames } from '../../vocabulary/words.js';
import type { FilterOption } from './kit/list-page.js';

/** Class of `.state`: colour and shape of a status. */
export const statusTones: Readonly<Record<SubscriptionStatus, 'in' | 'out' | 'none'>> = {
  SUBSCRIBED: 'in',
  UNSUBSCRIBED: 'out',
  NOT_SPECIFIED: 'none',
};

/** Choices of a legal basis. @param none words of the empty choice */
export function basisOptions(none: string): FilterOption[] {
  return [{ value: '', label: none }, ...legalBases.map((value) => ({ value, label: basisNames[value] }))];
}

export function unitOptions(units: Iterable<BusinessUnit>): FilterOption[] {
  return [...units].map(({ id, name }) => ({ value: String(id), label: name }));
}
