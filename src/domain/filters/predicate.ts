/** The same filter as a predicate on a contact in memory. It agrees with the compiled query on every contact. */
import { isAnyInScope } from '../../vocabulary/scope.js';
import type { FilterContext, FilteredContact, FilteredField, ValueSource } from './condition-kind.js';
import type { Filter } from './filter.js';
import { type ReadCondition, type ValueTest, readFilter } from './read-condition.js';
import { dayIn } from '../../vocabulary/time-zones.js';

/** @returns whether a contact matches; false if a condition names something that does not exist or lies outside the scope */
export function predicateOf(filter: Filter, context: FilterContext): (contact: FilteredContact) => boolean {
  const groups = readFilter(filter, context);
  if (!groups) return () => false;
  return (contact) =>
    isAnyInScope(context.scope, contact.unitIds) &&
    (groups.length === 0 || groups.some((all) => all.every((one) => isMet(one, contact, context))));
}

/** The fields of a contact that the predicate of this filter reads. */
export function fieldsOf(filter: Filter, context: FilterContext): FilteredField[] {
  const ofCondition = (one: ReadCondition): FilteredField[] => {
    if ('groups' in one) return one.groups.flat().flatMap(ofCondition);
    if ('facets' in one.source) return ['facets'];
    return ['field' in one.source ? one.source.field : 'standings'];
  };
  return ['unitIds', ...(readFilter(filter, context) ?? []).flat().flatMap(ofCondition)];
}

function isMet(condition: ReadCondition, contact: FilteredContact, context: FilterContext): boolean {
  if ('groups' in condition) {
    const isMember = condition.groups.some((all) => all.every((one) => isMet(one, contact, context)));
    return isMember !== condition.isNegative;
  }
  const { source, test, isNegative } = condition;
  const values = valuesOf(contact, source, context.catalogue.timeZone);
  return values.some((value) => isPassed(test, value)) !== isNegative;
}

function valuesOf(contact: FilteredContact, source: ValueSource, timeZone: string): string[] {
  if ('facets' in source)
    return contact.facets.flatMap((one) =>
      one.startsWith(source.facets) ? one.slice(source.facets.length) : [],
    );
  const value =
    'field' in source
      ? contact[source.field]
      : source.standings.flatMap((key) => contact.standings?.[key] ?? [])[0]?.[source.of];
  if (value === null || value === undefined) return [];
  return [value instanceof Date ? dayIn(value, timeZone) : value];
}

function isPassed(test: ValueTest, value: string): boolean {
  switch (test.kind) {
    case 'KNOWN':
      return true;
    case 'ONE_OF':
      return test.values.includes(value);
    case 'TEXT':
      return test.isStart ? value.startsWith(test.text) : value.includes(test.text);
    case 'RANGE':
      return (
        !(test.from !== undefined && value < test.from) && !(test.below !== undefined && value >= test.below)
      );
  }
}
