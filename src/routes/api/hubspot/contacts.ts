/** Reads contacts for HubSpot's API: one, a page, many by id, and searches. Also the definitions of their properties. */
import { z } from 'zod';
import { cursorIn, pageIn } from '../../../cursor.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { reading } from '../../../domain/consent/durability.js';
import { searchContacts } from '../../../domain/contacts/search.js';
import { DomainError } from '../../../errors.js';
import type { Handler } from '../operation.js';
import { findRefs, getByRef, namesIn, offeredFor, showContact, showContacts } from './contact-answers.js';
import { mostFound, type IdProperty, type Search } from './contact-shapes.js';
import { allProperties, type PropertyPlan } from './contact-values.js';
import { complete } from './envelope.js';
import { invalid } from './refuse.js';
import { sortOf, translateFilter } from './search-filters.js';

interface ReadQuery {
  properties?: readonly string[] | undefined;
  idProperty?: IdProperty;
}

/** One contact, by its number or its e-mail address. */
export const readContact: Handler<{ params: { id: string }; query: ReadQuery }> = async (
  deps,
  caller,
  { params: { id }, query },
) => {
  const contact = await getByRef(deps, caller, id, query.idProperty);
  return { body: await showContact(deps, caller, contact, namesIn(query.properties)) };
};

const pageCursor = z.object({ addedKey: z.string() });

/** A page of contacts, in the order of adding. Deleted contacts are gone, so there are no archived ones. */
export const listContacts: Handler<{
  query: ReadQuery & {
    limit?: number | undefined;
    after?: string | undefined;
    archived?: boolean | undefined;
  };
}> = async (deps, caller, { query }) => {
  const limit = query.limit ?? 10;
  if (query.archived) return { body: { results: [] } };
  const place = cursorIn(query.after, pageCursor);
  if (query.after && !place) throw invalid('Invalid value for after');
  const { contacts } = await searchContacts(deps, {
    ...{ scope: caller.scope, search: '', sort: { addedKey: 1 }, skip: 0, limit: limit + 1, hasTotal: false },
    groups: place ? [{ conditions: [], also: [{ addedKey: { $gt: place.addedKey } }] }] : [],
  });
  const { page, next: after } = pageIn(contacts, limit, ({ addedKey }) => ({ addedKey }));
  const results = await showContacts(deps, caller, page, namesIn(query.properties));
  return { body: { results, ...(after ? { paging: { next: { after } } } : {}) } };
};

/** Many contacts. Those that do not exist are one error, which lists their ids. */
export const readContacts: Handler<{
  body: {
    inputs: readonly { id: string }[];
    properties?: readonly string[] | null | undefined;
    idProperty?: IdProperty;
  };
}> = async (deps, caller, { body }) => {
  const startedAt = deps.clock();
  const refs = [...new Set(body.inputs.map(({ id }) => id))];
  const found = await findRefs(deps, caller, refs, body.idProperty);
  const results = await showContacts(deps, caller, [...new Set(found.values())], namesIn(body.properties));
  const missing = refs.filter((ref) => !found.has(ref));
  if (missing.length === 0) return { body: complete(deps, startedAt, results) };
  const message =
    'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.';
  const error = {
    ...{ status: 'error', id: null, category: 'OBJECT_NOT_FOUND', subCategory: null, message },
    ...{ context: { ids: missing }, errors: [], links: {} },
  };
  return { status: 207, body: complete(deps, startedAt, results, [error]) };
};

/** Searches by filters and words. A page begins after a number of results, as in HubSpot's API. */
export const findContacts: Handler<{ body: Search }> = async (deps, caller, { body }) => {
  const limit = body.limit ?? 10;
  const skip = body.after ?? 0;
  if (skip + limit > mostFound) throw invalid(`A search returns at most ${mostFound} results`);
  const filterGroups = (body.filterGroups ?? []).map(({ filters }) => filters);
  const names = filterGroups.flatMap((filters) => filters.map(({ propertyName }) => propertyName));
  const catalogue = catalogueWithin(await reading(() => deps.catalogue()), caller.scope);
  const context = { catalogue, scope: caller.scope, offered: await offeredFor(deps, caller, names) };
  const groups = filterGroups.map((filters) => {
    const all = filters.map((filter) => translateFilter(filter, context));
    return { conditions: all.flatMap((one) => one.conditions), also: all.flatMap((one) => one.also) };
  });
  const { contacts, total } = await searchContacts(deps, {
    ...{ scope: caller.scope, groups, search: body.query ?? '', sort: sortOf(body.sorts ?? []), skip },
    ...{ limit, hasTotal: true },
  });
  const results = await showContacts(deps, caller, contacts, namesIn(body.properties));
  const next = skip + contacts.length;
  const isMore = next < Math.min(total, mostFound) && contacts.length > 0;
  return { body: { total, results, ...(isMore ? { paging: { next: { after: String(next) } } } : {}) } };
};

/** The definitions of all properties that the key can read. */
export const showProperties: Handler<unknown> = async (deps, caller) => {
  const all = allProperties(catalogueWithin(await reading(() => deps.catalogue()), caller.scope));
  return { body: { results: [...all].map(([name, plan]) => definitionOf(name, plan)) } };
};

/** The definition of one property. */
export const showProperty: Handler<{ params: { name: string } }> = async (
  deps,
  caller,
  { params: { name } },
) => {
  const all = allProperties(catalogueWithin(await reading(() => deps.catalogue()), caller.scope));
  const plan = all.get(name);
  if (!plan) throw new DomainError('NOT_FOUND', `Property "${name}" does not exist`);
  return { body: definitionOf(name, plan) };
};

const fieldTypes = {
  ...{ string: 'text', number: 'number', bool: 'booleancheckbox', date: 'date', datetime: 'date' },
  enumeration: 'select',
} as const;

function definitionOf(name: string, plan: PropertyPlan): object {
  const { label, type, groupName, isReadOnly, isOwn = false, options = [] } = plan;
  const isMany = name === 'hs_legal_basis' || name === 'hs_all_assigned_business_unit_ids';
  return {
    ...{
      name,
      label,
      type,
      groupName,
      description: '',
      displayOrder: -1,
      hidden: false,
      formField: !isReadOnly,
    },
    fieldType: isMany
      ? 'checkbox'
      : type === 'enumeration' && name.startsWith('hs_email_optout')
        ? 'booleancheckbox'
        : fieldTypes[type],
    ...{ hasUniqueValue: name === 'email', calculated: false, externalOptions: false, archived: false },
    hubspotDefined: !isOwn,
    options: options.map(({ label, value }, displayOrder) => ({
      ...{ label, value, displayOrder, hidden: false, description: null },
    })),
    modificationMetadata: { archivable: isOwn, readOnlyDefinition: true, readOnlyValue: isReadOnly },
  };
}
