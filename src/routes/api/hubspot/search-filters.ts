/** Translates HubSpot's search filters into conditions of filters, and into queries where HubSpot compares moments or single names. */
import type { Document, Filter as Query } from 'mongodb';
import type { SearchGroup } from '../../../domain/contacts/search.js';
import { escaped } from '../../../domain/filters/compile.js';
import { facet } from '../../../domain/filters/facet.js';
import type { Condition } from '../../../domain/filters/filter.js';
import type { Operator } from '../../../domain/filters/operators.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { legalBases, type Catalogue } from '../../../vocabulary/terms.js';
import { basisLabels, hubspotName } from './contact-values.js';
import { invalid } from './refuse.js';
import type { SearchFilter } from './contact-shapes.js';

export interface SearchContext {
  catalogue: Catalogue;
  scope: Scope;
  /** Names of own properties that contacts have, also without a type. */
  offered: readonly { name: string }[];
}

type Translate = (filter: SearchFilter, context: SearchContext) => SearchGroup;

const conditions = (...all: Condition[]): SearchGroup => ({ conditions: all, also: [] });
const also = (...queries: Query<Document>[]): SearchGroup => ({ conditions: [], also: queries });
const everything = also();
const nothing = also({ _id: { $in: [] as never[] } });

/**
 * One filter as conditions and queries.
 * @throws DomainError `INVALID_FORM` for a property that cannot be searched, and for an operator that does not fit it
 */
export function translateFilter(filter: SearchFilter, context: SearchContext): SearchGroup {
  const name = filter.propertyName;
  const known = Object.hasOwn(searchable, name) ? searchable[name] : undefined;
  if (known) return known(filter, context);
  const typeId = /^hs_email_optout_(\d{1,9})$/.exec(name)?.[1];
  if (typeId !== undefined) return ofType(typeId, filter);
  if (name.startsWith('hs_')) throw invalid(`Property ${name} cannot be used in a search`);
  return ofOwnProperty(filter, context);
}

type Operators = Readonly<Partial<Record<SearchFilter['operator'], Operator>>>;

/** Operators of choices. */
const equal: Operators = {
  ...{ EQ: 'IS', NEQ: 'IS_NOT', IN: 'IS_ANY_OF', NOT_IN: 'IS_NONE_OF' },
  ...{ HAS_PROPERTY: 'IS_KNOWN', NOT_HAS_PROPERTY: 'IS_UNKNOWN' },
};
const ofTexts: Operators = { ...equal, CONTAINS_TOKEN: 'CONTAINS', NOT_CONTAINS_TOKEN: 'CONTAINS_NOT' };
const ofNumbers: Operators = {
  ...equal,
  ...{ GT: 'MORE_THAN', GTE: 'NOT_LESS_THAN', LT: 'LESS_THAN', LTE: 'NOT_MORE_THAN', BETWEEN: 'BETWEEN' },
};
const ofDays: Operators = {
  ...{ EQ: 'IS', NEQ: 'IS_NOT', HAS_PROPERTY: 'IS_KNOWN', NOT_HAS_PROPERTY: 'IS_UNKNOWN' },
  ...{ GT: 'AFTER', GTE: 'NOT_BEFORE', LT: 'BEFORE', LTE: 'NOT_AFTER', BETWEEN: 'BETWEEN' },
};

/** A negative operator also matches contacts without a value; HubSpot's comparisons do not. */
const onlyKnown: readonly string[] = ['GTE', 'LTE'];

function compared(
  { on, of = '', map = (text) => text }: { on: string; of?: string; map?: (text: string) => string },
  filter: SearchFilter,
  operators: Operators,
): SearchGroup {
  const { operator } = filter;
  const is = operators[operator] ?? unfit(filter);
  const values = valuesOf(filter).map(map);
  const known: Condition[] = onlyKnown.includes(operator) ? [{ on, of, is: 'IS_KNOWN', values: [] }] : [];
  return conditions({ on, of, is, values }, ...known);
}

function valuesOf({ operator, value, values, highValue }: SearchFilter): string[] {
  if (operator === 'HAS_PROPERTY' || operator === 'NOT_HAS_PROPERTY') return [];
  if (operator === 'IN' || operator === 'NOT_IN') return values ?? [];
  if (operator === 'BETWEEN') return [value ?? '', highValue ?? ''];
  // A token may have wildcards; "contains" needs none.
  return [operator.endsWith('CONTAINS_TOKEN') ? (value ?? '').replaceAll('*', '') : (value ?? '')];
}

function unfit({ propertyName, operator }: SearchFilter): never {
  throw invalid(`Operator ${operator} cannot be used with property ${propertyName}`);
}

/** A property that is true or false for every contact. */
function yesOrNo(filter: SearchFilter, yes: SearchGroup, no: SearchGroup): SearchGroup {
  const { operator } = filter;
  if (operator === 'HAS_PROPERTY') return everything;
  if (operator === 'NOT_HAS_PROPERTY') return nothing;
  const values = operator === 'EQ' || operator === 'NEQ' ? [filter.value ?? ''] : (filter.values ?? []);
  if (!['EQ', 'NEQ', 'IN', 'NOT_IN'].includes(operator)) return unfit(filter);
  const isNegative = operator.startsWith('N');
  const hasYes = values.includes('true') !== isNegative;
  const hasNo = values.includes('false') !== isNegative;
  if (hasYes && hasNo) return everything;
  return hasYes ? yes : hasNo ? no : nothing;
}

/** Moments are compared to the millisecond; a value is ISO 8601 or milliseconds since 1970. */
function moment(field: 'createdAt' | 'updatedAt'): Translate {
  const comparisons = { EQ: '$eq', NEQ: '$ne', GT: '$gt', GTE: '$gte', LT: '$lt', LTE: '$lte' } as const;
  return (filter) => {
    if (filter.operator === 'HAS_PROPERTY') return everything;
    if (filter.operator === 'NOT_HAS_PROPERTY') return nothing;
    const [from, to] = valuesOf(filter).map((text) => {
      const at = new Date(/^\d+$/.test(text) ? Number(text) : text);
      if (Number.isNaN(at.getTime())) throw invalid(`${text} is not a time`);
      return at;
    });
    if (filter.operator === 'BETWEEN') return also({ [field]: { $gte: from, $lte: to } });
    const operator = Object.hasOwn(comparisons, filter.operator)
      ? comparisons[filter.operator as keyof typeof comparisons]
      : unfit(filter);
    return also({ [field]: { [operator]: from } });
  };
}

/** First and last names have no condition of their own: that on the name compares both together. Case is ignored. */
function nameField(field: 'firstName' | 'lastName'): Translate {
  return (filter) => {
    const { operator } = filter;
    const known = { [field]: { $ne: '' } };
    if (operator === 'HAS_PROPERTY') return also(known);
    if (operator === 'NOT_HAS_PROPERTY') return also({ [field]: '' });
    if (!(operator in ofTexts)) return unfit(filter);
    const isPart = operator.endsWith('CONTAINS_TOKEN');
    const texts = valuesOf(filter).map(escaped);
    const any = {
      $or: texts.map((text) => ({ [field]: { $regex: isPart ? text : `^${text}$`, $options: 'i' } })),
    };
    if (texts.length === 0) return operator === 'NOT_IN' ? everything : nothing;
    return also(operator.startsWith('N') ? { $nor: [any] } : any);
  };
}

const searchable: Readonly<Record<string, Translate>> = {
  // A whole address is among a contact's words, which have an index.
  email: (filter, { catalogue }) => {
    const address = (text: string) => addressOrNull('EMAIL', text, catalogue) ?? text.toLowerCase();
    if (filter.operator !== 'EQ' && filter.operator !== 'IN')
      return compared({ on: 'email' }, filter, ofTexts);
    const $in = valuesOf(filter).map(address);
    return also({ words: { $in } }, { email: { $in } });
  },
  phone: (filter) => compared({ on: 'phone' }, filter, ofTexts),
  firstname: nameField('firstName'),
  lastname: nameField('lastName'),
  createdate: moment('createdAt'),
  lastmodifieddate: moment('updatedAt'),
  hs_lastmodifieddate: moment('updatedAt'),
  hs_object_id: (filter) => {
    const numbers = valuesOf(filter).map(Number);
    const queries = {
      EQ: { $in: numbers },
      IN: { $in: numbers },
      NEQ: { $nin: numbers },
      NOT_IN: { $nin: numbers },
    };
    if (filter.operator === 'HAS_PROPERTY') return everything;
    const found: unknown = Object.hasOwn(queries, filter.operator)
      ? queries[filter.operator as keyof typeof queries]
      : unfit(filter);
    return also({ number: found });
  },
  hs_email_domain: (filter) => compared({ on: 'email-domain' }, filter, ofTexts),
  hs_language: (filter) => compared({ on: 'language' }, filter, equal),
  hs_object_source: (filter) => compared({ on: 'source' }, filter, equal),
  hs_all_assigned_business_unit_ids: (filter) => compared({ on: 'unit' }, filter, equal),
  hs_legal_basis: (filter) =>
    compared(
      {
        on: 'processing-basis',
        map: (text) => legalBases.find((basis) => basisLabels[basis] === text) ?? text,
      },
      filter,
      equal,
    ),
  hs_marketable_status: (filter) => {
    const is = (value: string) => conditions({ on: 'marketing', of: '', is: 'IS', values: [value] });
    return yesOrNo(filter, is('yes'), is('no'));
  },
  hs_marketable_until_renewal: (filter) => {
    const is = (operator: Operator) => conditions({ on: 'until-update', of: '', is: operator, values: [] });
    return yesOrNo(filter, is('IS_TRUE'), is('IS_FALSE'));
  },
  // For a limited key, opt-outs of its own units: others do not exist.
  hs_email_optout: (filter, { scope }) => {
    const facets = scope ? scope.map((unitId) => facet.outOfAll('EMAIL', unitId)) : [facet.outOfAll('EMAIL')];
    const hasAddress = { email: { $ne: null } };
    if (filter.operator === 'HAS_PROPERTY') return also(hasAddress);
    if (filter.operator === 'NOT_HAS_PROPERTY') return also({ email: null });
    return yesOrNo(filter, also({ facets: { $in: facets } }), also({ facets: { $nin: facets } }, hasAddress));
  },
};

/** `true` finds opt-outs, `false` subscriptions; `NOT_SPECIFIED` has no value. */
function ofType(typeId: string, filter: SearchFilter): SearchGroup {
  const is = (operator: Operator, values: string[]) =>
    conditions({ on: 'status', of: typeId, is: operator, values });
  const statuses = valuesOf(filter).map((text) => (text === 'true' ? 'UNSUBSCRIBED' : 'SUBSCRIBED'));
  switch (filter.operator) {
    case 'HAS_PROPERTY':
      return is('IS_NOT', ['NOT_SPECIFIED']);
    case 'NOT_HAS_PROPERTY':
      return is('IS', ['NOT_SPECIFIED']);
    default:
      return is(equal[filter.operator] ?? unfit(filter), statuses);
  }
}

function ofOwnProperty(filter: SearchFilter, { catalogue, offered }: SearchContext): SearchGroup {
  const named = [...catalogue.properties.values(), ...offered].find(
    ({ name }) => hubspotName(name) === filter.propertyName,
  );
  const of = (named?.name ?? filter.propertyName).toLowerCase();
  switch (catalogue.properties.get(of)?.kind) {
    case 'NUMBER':
      return compared({ on: 'property', of }, filter, ofNumbers);
    case 'DATE':
      return compared({ on: 'property', of, map: dayOf }, filter, ofDays);
    case 'YES_NO':
      if (filter.operator === 'HAS_PROPERTY' || filter.operator === 'NOT_HAS_PROPERTY')
        return compared({ on: 'property', of }, filter, equal);
      return yesOrNo(
        filter,
        conditions({ on: 'property', of, is: 'IS_TRUE', values: [] }),
        conditions(
          { on: 'property', of, is: 'IS_FALSE', values: [] },
          { on: 'property', of, is: 'IS_KNOWN', values: [] },
        ),
      );
    case 'CHOICE':
      return compared({ on: 'property', of, map: (text) => text.toLowerCase() }, filter, equal);
    default:
      return compared({ on: 'property', of }, filter, ofTexts);
  }
}

const dayOf = (text: string) =>
  /^-?\d{9,14}$/.test(text) ? new Date(Number(text)).toISOString().slice(0, 10) : text.slice(0, 10);

const sortFields: Readonly<Record<string, string>> = {
  ...{ createdate: 'addedKey', hs_object_id: 'addedKey', lastmodifieddate: 'updatedAt' },
  ...{ hs_lastmodifieddate: 'updatedAt', email: 'emailKey', firstname: 'firstName', lastname: 'lastName' },
};

/** The order of a search: by one property, and then always by the time of adding. @throws DomainError `INVALID_FORM` */
export function sortOf(
  sorts: readonly { propertyName: string; direction: 'ASCENDING' | 'DESCENDING' }[],
): Record<string, 1 | -1> {
  const [first] = sorts;
  if (!first) return { addedKey: 1 };
  const field = Object.hasOwn(sortFields, first.propertyName) ? sortFields[first.propertyName] : undefined;
  if (!field) throw invalid(`Results cannot be sorted by property ${first.propertyName}`);
  const direction = first.direction === 'DESCENDING' ? -1 : 1;
  return field === 'addedKey' ? { addedKey: direction } : { [field]: direction, addedKey: direction };
}
