/** Units and types for readers: translated, and only those that are meant for the public. */
import type { BusinessUnit, Catalogue, Channel, SubscriptionType } from '../../vocabulary/terms.js';

/** Types that a contact of this channel may see: active ones that are not internal. */
export function publicTypes(catalogue: Catalogue, channel: Channel): readonly SubscriptionType[] {
  const known = shown.get(catalogue) ?? new Map<Channel, SubscriptionType[]>();
  const types = known.get(channel) ?? catalogue.orderedTypes.filter((type) => isPublic(type, channel));
  shown.set(catalogue, known.set(channel, types));
  return types;
}

/** Cached with the catalogue, which stays the same object until something changes. */
const shown = new WeakMap<Catalogue, Map<Channel, SubscriptionType[]>>();

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
