/** Filters in words: "Language is Danish, or Business unit is Northwind". */
import { listOf } from '../../vocabulary/words.js';
import type { FilterContext } from './condition-kind.js';
import type { Condition, Filter } from './filter.js';
import { operators } from './operators.js';
import { comparedBy } from './read-condition.js';

/** One condition. Its subject is not named if it no longer exists or lies outside the scope. */
export function describeCondition(condition: Condition, context: FilterContext): string {
  const compared = comparedBy(condition, context);
  if (!compared) return 'Something that does not exist';
  const labels = condition.values.map(
    (text) => compared.options?.find(({ value }) => value === text)?.label ?? text,
  );
  const { words, takes } = operators[condition.is];
  const days = `${labels[0] ?? ''} ${labels[0] === '1' ? 'day' : 'days'}`;
  const values = takes === 'DAYS' ? days : takes === 'SOME' ? labels.join(', ') : listOf(labels);
  return `${compared.label} ${words} ${values}`.trim();
}

/** One part of a sentence for each group. */
export function describeFilter(filter: Filter, context: FilterContext): string[] {
  return filter.any.map(({ all }, at) => {
    const words = all.map((one) => describeCondition(one, context)).join(' and ');
    return at === 0 ? words : `or ${words}`;
  });
}
