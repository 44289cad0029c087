/** Stores which values contacts' properties have, so that the filters can offer them. */
import type { Contact } from '../../models/contact.js';
import { findContactProperties } from '../../models/contact-property.js';
import type { Models } from '../../models/index.js';
import { readFilterProperties } from '../../models/setting.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { facet } from '../filters/facet.js';

export interface OfferedProperty {
  name: string;
  values: string[];
}

/** Properties of contacts within a scope, with their values, for the editor of filters. The account's settings can limit which. */
export async function findOfferedProperties(
  {
    models,
    catalogue,
  }: { models: Pick<Models, 'contactProperties' | 'settings'>; catalogue: () => Promise<Catalogue> },
  scope: Scope,
): Promise<OfferedProperty[]> {
  const [{ properties }, values, named] = await reading(() =>
    Promise.all([
      catalogue(),
      findContactProperties(models.contactProperties, 'property:', { scope, limit: mostOffered }),
      readFilterProperties(models.settings),
    ]),
  );
  const offered = new Map<string, OfferedProperty>();
  for (const { name } of properties.values()) offered.set(name.toLowerCase(), { name, values: [] });
  for (const { name, value } of values) {
    const one = offered.get(name.toLowerCase()) ?? { name, values: [] };
    one.values.push(value);
    offered.set(name.toLowerCase(), one);
  }
  return [...offered].flatMap(([key, one]) => (named.length === 0 || named.includes(key) ? [one] : []));
}

/** Most values that are read for an editor. */
const mostOffered = 2000;

/** If a property has more values than this within a unit, its values probably identify contacts. The rest are not offered. */
const mostValues = 200;

/** Adds the new values of a contact, compared with its earlier version. */
export async function noteProperties(
  { models }: { models: Pick<Models, 'contactProperties'> },
  before: Pick<Contact, 'properties' | 'unitIds'>,
  { properties, unitIds }: Pick<Contact, 'properties' | 'unitIds'>,
): Promise<void> {
  const hasNewUnit = unitIds.some((id) => !before.unitIds.includes(id));
  for (const [name, value] of Object.entries(properties)) {
    if (before.properties[name] === value && !hasNewUnit) continue;
    const id = facet.property(name, value);
    const known = await reading(() =>
      findContactProperties(models.contactProperties, facet.property(name, ''), {
        scope: unitIds,
        limit: mostValues,
      }),
    );
    const same = known.find(({ _id }) => _id === id);
    if (same ? unitIds.every((unit) => same.unitIds.includes(unit)) : known.length >= mostValues) continue;
    await writing(() =>
      models.contactProperties.collection.updateOne(
        { _id: id as never },
        { $setOnInsert: { name, value }, $addToSet: { unitIds: { $each: unitIds } } },
        { upsert: true },
      ),
    );
  }
}
