/** A filter as a typed tree: groups of conditions. A contact matches when it meets all conditions of any group. */
import { z } from 'zod';
import { operatorNames } from './operators.js';

/** Most groups of a filter, conditions of a group, and values of a condition. */
export const mostGroups = 10;
export const mostConditions = 20;
const mostValues = 50;

const conditionSchema = z.strictObject({
  /** The kind of condition, by its id in the registry. */
  on: z.string().min(1).max(40),
  /** The subject: a type, a channel, a property; empty if the kind has only one. */
  of: z.string().max(100),
  is: z.enum(operatorNames),
  /** As people write them: numbers with a decimal point, days as `2026-03-01`. */
  values: z.array(z.string().min(1).max(200)).max(mostValues),
});
export type Condition = z.infer<typeof conditionSchema>;

/** Reads a filter from a URL, a form, a call of the API, a saved view or a job. Without groups it matches every contact. */
export const filterSchema = z
  .strictObject({
    any: z
      .array(z.strictObject({ all: z.array(conditionSchema).min(1).max(mostConditions) }))
      .max(mostGroups),
  })
  .meta({
    id: 'Filter',
    description: 'A contact matches when it meets all conditions of any group.',
    examples: [{ any: [{ all: [{ on: 'property', of: 'city', is: 'IS', values: ['Oslo'] }] }] }],
  });
export type Filter = z.infer<typeof filterSchema>;

/** Matches every contact. */
export const noFilter: Filter = { any: [] };

/** A filter of one group. */
export function allOf(conditions: readonly Condition[]): Filter {
  return conditions.length === 0 ? noFilter : { any: [{ all: [...conditions] }] };
}

/** The contacts of a filter that also meet these conditions. */
export function narrowed(filter: Filter, conditions: readonly Condition[]): Filter {
  if (filter.any.length === 0) return allOf(conditions);
  return { any: filter.any.map(({ all }) => ({ all: [...all, ...conditions] })) };
}

/** Every condition of every group, with its place. */
export function conditionsOf(filter: Filter): { condition: Condition; group: number; at: number }[] {
  return filter.any.flatMap(({ all }, group) => all.map((condition, at) => ({ condition, group, at })));
}

/** The same filter with one condition replaced; an `at` beyond the end adds it, `null` removes it. */
export function withCondition(
  filter: Filter,
  group: number,
  at: number,
  condition: Condition | null,
): Filter {
  const groups = filter.any.map(({ all }) => ({ all: [...all] }));
  const changed = groups[group] ?? { all: [] };
  changed.all.splice(at, 1, ...(condition ? [condition] : []));
  if (!groups[group]) groups.push(changed);
  return { any: groups.filter(({ all }) => all.length > 0) };
}
