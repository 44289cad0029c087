/** Reads filters with the registry: what each condition compares, and its test for a value. */
import { type Condition, conditionsOf, type Filter } from './filter.js';
import type { ComparedValue, FilterContext } from './condition-kind.js';
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

export interface ReadCondition {
  compared: ComparedValue;
  test: ValueTest;
  isNegative: boolean;
}

/** What a condition compares; null if it does not exist or lies outside the scope. */
export function comparedBy(
  { on, of }: Pick<Condition, 'on' | 'of'>,
  context: FilterContext,
): ComparedValue | null {
  return conditionKinds.find(({ id }) => id === on)?.compared(of, context) ?? null;
}

/** @returns null for a condition that does not exist or lies outside the scope, and for one whose values do not fit */
export function readCondition(condition: Condition, context: FilterContext): ReadCondition | null {
  const compared = comparedBy(condition, context);
  if (!compared || faultOf(condition, compared)) return null;
  const { operator, isNegative } = positiveOf(condition.is);
  const values = condition.values.map((text) => comparable(text, operator, compared));
  return { compared, isNegative, test: testOf(operator, values, compared, context) };
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
 *   the condition it would match more.
 */
export function readFilter(filter: Filter, context: FilterContext): ReadCondition[][] | null {
  const groups: ReadCondition[][] = filter.any.map(() => []);
  for (const { condition, group } of conditionsOf(filter)) {
    const read = readCondition(condition, context);
    if (!read) return null;
    groups[group]?.push(read);
  }
  return groups;
}
