/** HubSpot's definitions of subscription types, and its business units. */
import { paths } from '../../../paths.js';
import type { Catalogue, SubscriptionType } from '../../../vocabulary/terms.js';
import type { Handler } from '../operation.js';
import { complete } from './envelope.js';
import type { Definition } from './status-shapes.js';
import { catalogueOf } from './subscribers.js';

/** The catalogue stores no times; HubSpot itself sends 0 for old translations. */
const unknownTime = new Date(0).toISOString();

/** A subscription type in HubSpot's shape. */
export function definitionOf(type: SubscriptionType, hasTranslations: boolean): Definition {
  const { id, name, description, isActive, isDefault, isInternal, unitId, translations } = type;
  return {
    ...{ id: String(id), name, description, isActive, isDefault, isInternal },
    purpose: type.purpose === 'MARKETING' ? 'Marketing' : 'Transactional',
    ...{ communicationMethod: type.communicationMethod, businessUnitId: unitId },
    ...{ createdAt: unknownTime, updatedAt: unknownTime },
    subscriptionTranslations: hasTranslations
      ? Object.entries(translations).map(([languageCode, words]) => ({
          ...{ subscriptionId: id, languageCode, name: words.name, description: words.description },
          ...{ createdAt: 0, updatedAt: 0 },
        }))
      : null,
  };
}

const definitionsOf = ({ orderedTypes }: Catalogue, hasTranslations: boolean) =>
  orderedTypes.map((type) => definitionOf(type, hasTranslations));

/** v3: every type of the key's business units, with translations. */
export const showV3Definitions: Handler<unknown> = async (deps, caller) => {
  return { body: { subscriptionDefinitions: definitionsOf(await catalogueOf(deps, caller), true) } };
};

/** v4: the same, of one business unit if it is named. */
export const showDefinitions: Handler<{
  query: { businessUnitId?: number | undefined; includeTranslations?: boolean | undefined };
}> = async (deps, caller, { query }) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const results = definitionsOf(catalogue, query.includeTranslations === true);
  return { body: complete(deps, startedAt, results, []) };
};

/** The business units of the key. The user id is HubSpot's, so it is not looked up. */
export const showBusinessUnits: Handler<{
  query: { name?: readonly string[] | undefined; properties?: readonly string[] | undefined };
}> = async (deps, caller, { query }) => {
  const { units, revision } = await catalogueOf(deps, caller);
  const { name: names = [], properties = [] } = query;
  const hasLogos = properties.includes('logoMetadata');
  const results = [...units.values()]
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map(({ id, name, logo }) => {
      const url = `${deps.config.baseUrl}${paths.brandLogo(id, revision)}`;
      const logoMetadata = hasLogos && logo ? { logoAltText: name, logoUrl: url, resizedUrl: url } : null;
      return { id: String(id), name, logoMetadata };
    });
  return { body: { results } };
};
