/** Units and types as a reader sees them: in their own translations, and only those that are meant for the public. */
import type { BusinessUnit, Catalogue, Channel, SubscriptionType } from '../../domain/consent/terms.js';

/** Types that a contact of this channel may see: active ones that are not internal. */
export function publicTypes(catalogue: Catalogue, channel: Channel): SubscriptionType[] {
  return catalogue.orderedTypes.filter((type) => isPublic(type, channel));
}

export function isPublic(type: SubscriptionType, channel: Channel): boolean {
  return type.channel === channel && type.isActive && !type.isInternal;
}

export function typeIn(type: SubscriptionType, locale: string): { name: string; description: string } {
  const own = type.translations[locale];
  return { name: own?.name ?? type.name, description: own?.description ?? type.description };
}

export function unitIn(unit: BusinessUnit, locale: string): { name: string; postalAddress: string } {
  const own = unit.translations[locale];
  return { name: own?.name ?? unit.name, postalAddress: own?.postalAddress ?? unit.postalAddress };
}

/** The unit of a link, or the account's first where it no longer exists. */
export function unitOf(catalogue: Catalogue, unitId: number | undefined): BusinessUnit | undefined {
  return (
    (unitId === undefined ? undefined : catalogue.units.get(unitId)) ?? catalogue.units.values().next().value
  );
}
