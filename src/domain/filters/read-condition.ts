/** Reads filters with the registry: what each condition compares, and its test for a value. */
import { type Condition, conditionsOf, type Filter } from './filter.js';
import type { ComparedValue, FilterContext, ValueSource } from './condition-kind.js';
import { facet } from './facet.js';
import { operators, operatorsOf, positiveOf, type Operator } from './operators.js';
import { conditionKinds } from './registry.js';
import { addDays, dayIn } from '../../vocabulary/time-zones.js';
import { folded, readValue, sortable, valueHints } from './values.js';

/** The test: known, one of several values, in a range (excluding `below`), or containing a text. Days are texts, which sort. */
export type ValueTest =
  | { kind: 'KNOWN' }
  | { kind: 'ONE_OF'; values: readonly string[] }
  | { kind: 'RANGE'; from?: string; below?: string }
  | { kind: 'TEXT'; text: string; isStart: boolean };

/** A test of a value, or membership of lists: all conditions of any of the groups. Without groups, nobody is a member. */
export type ReadCondition =
  | { source: ValueSource; test: ValueTest; isNegative: boolean }
  | { groups: ReadCondition[][]; isNegative: boolean };

/** How deep lists may name other lists, and how many conditions a filter has with those of its lists. */
export const deepestLists = 5;
export const mostReadConditions = 1000;

/** What one reading of a filter shares. `within` are the lists that are being read, the outer one first. */
interface Reading {
  context: FilterContext;
  within: readonly string[];
  left: { conditions: number };
}

/** What a condition compares; null if it does not exist or lies outside the scope. */
export function comparedBy(
  { on, of }: Pick<Condition, 'on' | 'of'>,
  context: FilterContext,
): ComparedValue | null {
  return conditionKinds.find(({ id }) => id === on)?.compared(of, context) ?? null;
}

/** @returns null for a condition that does not exist or lies outside the scope, and for one whose values do not fit */
function readCondition(condition: Condition, reading: Reading): ReadCondition | null {
  const { context } = reading;
  const compared = comparedBy(condition, context);
  if (!compared || faultOf(condition, compared) || reading.left.conditions-- <= 0) return null;
  const { operator, isNegative } = positiveOf(condition.is);
  const { source } = compared;
  if (source === 'LISTS') {
    const groups = readMembership(condition.values, reading);
    return groups && { groups, isNegative };
  }
  const values = condition.values.map((text) => comparable(text, operator, compared));
  return { source, isNegative, test: testOf(operator, values, compared, context) };
}

/** The members of any of these lists. @returns null if an active list cannot be read, or is part of itself */
function readMembership(ids: readonly string[], reading: Reading): ReadCondition[][] | null {
  const groups: ReadCondition[][] = [];
  const among = (facets: string, values: readonly string[]): ReadCondition => ({
    ...{ source: { facets }, test: { kind: 'ONE_OF', values }, isNegative: false },
  });
  const chosen = ids.flatMap((id) => reading.context.lists.get(id) ?? []);
  const fixed = chosen.filter(({ filter }) => filter === null).map(({ id }) => id);
  if (fixed.length > 0) groups.push([among(facet.list(''), fixed)]);
  for (const { id, filter, unitIds } of chosen) {
    if (!filter) continue;
    if (reading.within.includes(id) || reading.within.length >= deepestLists) return null;
    const read = readGroups(filter, { ...reading, within: [...reading.within, id] });
    if (!read) return null;
    // A list that is limited to business units has only their contacts.
    const units = unitIds ? [among('unit:', unitIds.map(String))] : [];
    groups.push(...read.map((all) => [...all, ...units]));
  }
  return groups;
}

/** The fault in the operator or the values of a condition, as a sentence; null if there is none. */
export function faultOf({ is, values }: Condition, compared: ComparedValue): string | null {
  if (!operatorsOf(compared).includes(is)) return 'Choose one of the comparisons in the list.';
  const { takes } = operators[is];
  const wanted = { NONE: 0, ONE: 1, TWO: 2, DAYS: 1, SOME: Math.max(1, values.length) }[takes];
  if (values.length !== wanted)
    return wanted === 2 ? 'Give both ends of the range.' : 'Give a value to compare with.';
  if (takes === 'DAYS')
    return values.every((text) => /^\d{1,5}$/.test(text)) ? null : 'Give a number of days, such as 30.';
  if (compared.kind === 'CHOICE')
    return values.every((text) => compared.options?.some(({ value }) => value === text))
      ? null
      : 'Choose one of the values in the list.';
  if (values.some((text) => readValue(compared.kind, text) === null))
    return `Give ${valueHints[compared.kind]}.`;
  return values.some((text) => comparable(text, is, compared) === '')
    ? 'Give a value to compare with.'
    : null;
}

/** A value as contacts store it: folded, or in sortable form. */
function comparable(text: string, operator: Operator, { kind, fold = folded }: ComparedValue): string {
  if (kind === 'CHOICE' || operators[operator].takes === 'DAYS') return text;
  if (kind === 'TEXT') return fold(text);
  const value = readValue(kind, text) ?? '';
  return kind === 'NUMBER' ? sortable(Number(value)) : value;
}

function testOf(
  operator: Operator,
  values: readonly string[],
  { kind, yes = 'yes' }: ComparedValue,
  { now, catalogue: { timeZone } }: FilterContext,
): ValueTest {
  const [one = '', other = ''] = values;
  /** The smallest text above a value: the next day, or what follows a number. */
  const above = (value: string) => (kind === 'DATE' ? addDays(value, 1) : `${value}0`);
  const today = () => dayIn(now, timeZone);
  switch (operator) {
    case 'IS':
      return kind === 'DATE' ? { kind: 'RANGE', from: one, below: above(one) } : { kind: 'ONE_OF', values };
    case 'IS_ANY_OF':
      return { kind: 'ONE_OF', values };
    case 'IS_TRUE':
      return { kind: 'ONE_OF', values: [yes] };
    case 'CONTAINS':
    case 'STARTS_WITH':
      return { kind: 'TEXT', text: one, isStart: operator === 'STARTS_WITH' };
    case 'MORE_THAN':
    case 'AFTER':
      return { kind: 'RANGE', from: above(one) };
    case 'LESS_THAN':
    case 'BEFORE':
      return { kind: 'RANGE', below: one };
    case 'BETWEEN':
      return { kind: 'RANGE', from: one, below: above(other) };
    case 'IN_LAST_DAYS':
      return { kind: 'RANGE', from: addDays(today(), -Number(one)), below: addDays(today(), 1) };
    case 'IN_NEXT_DAYS':
      return { kind: 'RANGE', from: today(), below: addDays(today(), Number(one) + 1) };
    default:
      return { kind: 'KNOWN' };
  }
}

/**
 * @returns the groups; null if a condition names something that does not exist or lies outside the scope. Such a filter matches no contact: without
 *   the condition it would match more. The same holds for a list that is part of itself, and for a filter that its lists make too large
 */
export function readFilter(filter: Filter, context: FilterContext): ReadCondition[][] | null {
  return readGroups(filter, { context, within: [], left: { conditions: mostReadConditions } });
}

function readGroups(filter: Filter, reading: Reading): ReadCondition[][] | null {
  const groups: ReadCondition[][] = filter.any.map(() => []);
  for (const { condition, group } of conditionsOf(filter)) {
    const read = readCondition(condition, reading);
    if (!read) return null;
    groups[group]?.push(...plainOf(read));
  }
  return groups;
}

/** Membership of one group is nothing but the conditions of that group, which an index may answer. */
function plainOf(read: ReadCondition): ReadCondition[] {
  const [only, ...others] = 'groups' in read && !read.isNegative ? read.groups : [];
  return only && others.length === 0 ? only : [read];
}
