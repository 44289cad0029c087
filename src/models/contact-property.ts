/** The values of contacts' properties, stored once each, so that filters can offer them without reading the contacts. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { Scope } from '../vocabulary/scope.js';

/** The allowed names of a contact's property. */
export const propertyName = /^\p{L}[\p{L}\p{N} _-]{0,39}$/u;

export interface ContactProperty {
  /** The facet, such as `property:city=oslo`. */
  _id: string;
  /** Name and value as first typed. */
  name: string;
  value: string;
  /** Units of contacts that have or had it. To users of other units it does not exist. */
  unitIds: number[];
}

export const contactPropertySchema = new Schema<ContactProperty>(
  { _id: String, name: String, value: String, unitIds: [Number] },
  { collection: 'contact_properties', versionKey: false },
);

export type ContactPropertyModel = Model<ContactProperty>;

/** Those with this prefix of the facet, within the scope, in the order of the facets. */
export async function findContactProperties(
  model: ContactPropertyModel,
  prefix: string,
  { scope, limit }: { scope: Scope; limit: number },
): Promise<ContactProperty[]> {
  return model
    .find({
      _id: mongoose.trusted(beginningWith(prefix)),
      ...ofScope(scope),
    })
    .sort({ _id: 1 })
    .limit(limit)
    .lean<ContactProperty[]>();
}

/** Reads the values with these facets, of any unit, in one answer. */
export async function findContactPropertiesById(
  model: ContactPropertyModel,
  facets: readonly string[],
): Promise<ContactProperty[]> {
  return model
    .find({ _id: mongoose.trusted({ $in: [...facets] }) })
    .batchSize(facets.length + 1)
    .lean<ContactProperty[]>();
}

/**
 * Reads the values whose facets begin with one of these prefixes, and that contacts of these units have. Few values are stored for each property
 * and unit, so all come in one answer.
 */
export async function findContactPropertiesUnder(
  model: ContactPropertyModel,
  prefixes: readonly string[],
  unitIds: readonly number[],
): Promise<ContactProperty[]> {
  return model
    .find({
      $or: prefixes.map((prefix) => ({ _id: mongoose.trusted(beginningWith(prefix)) })),
      ...ofScope(unitIds),
    })
    .batchSize(100_000)
    .lean<ContactProperty[]>();
}

const beginningWith = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}\u{10ffff}` });

/** Returns which of these facets are values within the scope. */
export async function findKnownProperties(
  model: ContactPropertyModel,
  facets: readonly string[],
  scope: Scope,
): Promise<Set<string>> {
  if (facets.length === 0) return new Set();
  const found = await model
    .find({ _id: mongoose.trusted({ $in: [...facets] }), ...ofScope(scope) }, { _id: 1 })
    .lean<Pick<ContactProperty, '_id'>[]>();
  return new Set(found.map(({ _id }) => _id));
}

function ofScope(scope: Scope) {
  return scope === null ? {} : { unitIds: mongoose.trusted({ $in: [...scope] }) };
}
