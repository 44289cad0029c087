/** Choices of a legal basis, of a business unit and of a subscription type, and the look of a status. */
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { legalBases } from '../../vocabulary/terms.js';
import type {
  BusinessUnit,
  Catalogue,
  SubscriptionStatus,
  SubscriptionType,
} from '../../vocabulary/terms.js';
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

/** The subscription types that a form offers: active ones within the scope, and archived ones that are chosen already. */
export function offeredTypes(
  { orderedTypes }: Pick<Catalogue, 'orderedTypes'>,
  scope: Scope,
  chosen: readonly string[] = [],
): SubscriptionType[] {
  return orderedTypes.filter(
    ({ id, unitId, isActive }) => (isActive || chosen.includes(String(id))) && isInScope(scope, unitId),
  );
}
