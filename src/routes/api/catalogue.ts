/** The API of what staff set up: subscription types and business units. */
import { requireType, requireUnit } from '../../domain/consent/catalogue.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import type { BusinessUnit, SubscriptionType } from '../../vocabulary/terms.js';
import { catalogueOf } from './hubspot/subscribers.js';
import type { Handler } from './operation.js';

interface OneNumber {
  params: { id: number };
}

export const showTypes: Handler<unknown> = async (deps, caller) => {
  const { orderedTypes } = await catalogueOf(deps, caller);
  return { body: { results: orderedTypes.map(typeAnswer) } };
};

export const showType: Handler<OneNumber> = async (deps, caller, { params: { id } }) => {
  return { body: typeAnswer(requireType(await catalogueOf(deps, caller), id)) };
};

export const showUnits: Handler<unknown> = async (deps, caller) => {
  const { units } = await catalogueOf(deps, caller);
  return { body: { results: [...units.values()].map(unitAnswer) } };
};

export const showUnit: Handler<OneNumber> = async (deps, caller, { params: { id } }) => {
  return { body: unitAnswer(requireUnit(await catalogueOf(deps, caller), id)) };
};

export function typeAnswer(type: SubscriptionType): object {
  const { id, unitId, channel, name, description, purpose, isActive, isInternal, isDefault } = type;
  const { communicationMethod, translations } = type;
  const about = { id, businessUnitId: unitId, channel, name, description, purpose };
  return { ...about, isActive, isInternal, isDefault, communicationMethod, translations };
}

export function unitAnswer(unit: BusinessUnit): object {
  const { id, name, senderName, postalAddress, privacyPolicyUrl, hasDoubleOptIn } = unit;
  return {
    ...{ id, name, accent: unit.accent.light, senderName, senderAddress: shownAddress(unit.senderAddress) },
    ...{ postalAddress, privacyPolicyUrl, defaultLanguage: unit.defaultLocale, hasDoubleOptIn },
    ...{ translations: unit.translations, hasLogo: unit.logo !== undefined },
  };
}
