/** Units and types for readers: translated, and only those that are meant for the public. */
import type { BusinessUnit, Catalogue, Channel, SubscriptionType } from '../../vocabulary/terms.js';

/** Types that a contact of this channel may see: active ones that are not internal. */
export function publicTypes(catalogue: Catalogue, channel: Channel): readonly SubscriptionType[] {
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

/** The names of these types in a language, without those that no longer exist. */
export function typeNames(
  { types }: Pick<Catalogue, 'types'>,
  ids: readonly number[],
  locale: string,
): string[] {
  return ids.flatMap((id) => {
    const type = types.get(id);
    return type ? [typeIn(type, locale).name] : [];
  });
}

/** The name of a unit in a language; empty if there is none. */
export function unitName(unit: BusinessUnit | null | undefined, locale: string): string {
  return unit ? unitIn(unit, locale).name : '';
}

/** The unit of a link, or the account's first where it no longer exists. */
export function unitOf(catalogue: Catalogue, unitId: number | undefined): BusinessUnit | undefined {
  return (
    (unitId === undefined ? undefined : catalogue.units.get(unitId)) ?? catalogue.units.values().next().value
  );
}
