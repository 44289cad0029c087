/** Stores which values contacts' properties have, so that the filters can offer them. */
import type { Contact } from '../../models/contact.js';
import {
  findContactProperties,
  findContactPropertiesById,
  findContactPropertiesUnder,
  type ContactProperty,
} from '../../models/contact-property.js';
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

/** A contact before and after it is saved. */
export interface PropertyChange {
  before: Pick<Contact, 'properties' | 'unitIds'>;
  after: Pick<Contact, 'properties' | 'unitIds'>;
}

/**
 * Adds the new values of contacts, compared with their earlier versions: at most two reads and one message of writes, however many contacts
 * there are. Repeating it changes nothing.
 */
export async function noteProperties(
  { models }: { models: Pick<Models, 'contactProperties'> },
  changes: readonly PropertyChange[],
): Promise<void> {
  const values = changes.flatMap(valuesToNote);
  if (values.length === 0) return;
  const ids = values.map(({ _id }) => _id);
  const kept = await reading(() => findContactPropertiesById(models.contactProperties, ids));
  const covers = (known: Pick<ContactProperty, 'unitIds'> | undefined, unitIds: readonly number[]) =>
    known !== undefined && unitIds.every((unitId) => known.unitIds.includes(unitId));
  const ofId = new Map(kept.map((one) => [one._id, one]));
  const fresh = values.filter(({ _id, unitIds }) => !covers(ofId.get(_id), unitIds));
  if (fresh.length === 0) return;
  const prefixes = [...new Set(fresh.map(({ name }) => facet.property(name, '')))];
  const units = [...new Set(fresh.flatMap(({ unitIds }) => unitIds))];
  const rivals = await reading(() => findContactPropertiesUnder(models.contactProperties, prefixes, units));
  const ofName = new Map(prefixes.map((prefix) => [prefix, new Map<string, ContactProperty>()]));
  for (const one of rivals) ofName.get(one._id.slice(0, one._id.indexOf('=') + 1))?.set(one._id, one);
  const writes = fresh.flatMap((value) => {
    const { _id, name, unitIds } = value;
    const known = ofName.get(facet.property(name, '')) ?? new Map<string, ContactProperty>();
    const isOfUnits = (one: ContactProperty) => one.unitIds.some((unitId) => unitIds.includes(unitId));
    const same = known.get(_id);
    if (covers(same, unitIds)) return [];
    const isOffered = same !== undefined && isOfUnits(same);
    if (!isOffered && [...known.values()].filter(isOfUnits).length >= mostValues) return [];
    known.set(_id, { ...value, unitIds: [...new Set([...(same?.unitIds ?? []), ...unitIds])] });
    const update = { $setOnInsert: { name, value: value.value }, $addToSet: { unitIds: { $each: unitIds } } };
    return [{ updateOne: { filter: { _id: _id as never }, update: update as never, upsert: true } }];
  });
  if (writes.length === 0) return;
  // In their order: of two spellings of one value, the first is offered.
  await writing(() => models.contactProperties.collection.bulkWrite(writes));
}

function valuesToNote({ before, after: { properties, unitIds } }: PropertyChange): ContactProperty[] {
  const hasNewUnit = unitIds.some((id) => !before.unitIds.includes(id));
  return Object.entries(properties).flatMap(([name, value]) =>
    before.properties[name] === value && !hasNewUnit
      ? []
      : [{ _id: facet.property(name, value), name, value, unitIds }],
  );
}
