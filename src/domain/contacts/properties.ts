/** Notes the values of contacts' properties, so that the filters can offer them. */
import type { Contact } from '../../models/contact.js';
import { findContactProperties } from '../../models/contact-property.js';
import type { Models } from '../../models/index.js';
import { reading, writing } from '../consent/durability.js';
import { facet } from './facets.js';

/** A property with more values than this within a unit names each contact rather than many; the rest are not offered. */
const mostValues = 200;

/** Adds what is new of a contact, against what it was. */
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
