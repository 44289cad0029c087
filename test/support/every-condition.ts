/** Filter conditions for tests: all that the editor offers, with valid values and some invalid ones. */
import type { ComparedValue, FilterContext } from '../../src/domain/filters/condition-kind.js';
import type { Condition } from '../../src/domain/filters/filter.js';
import { operators, operatorsOf } from '../../src/domain/filters/operators.js';
import { faultOf } from '../../src/domain/filters/read-condition.js';
import { conditionKinds } from '../../src/domain/filters/registry.js';

/** Values of each kind that test contacts have, or nearly have. */
const samples = {
  TEXT: [
    'Oslo',
    'os',
    'Åse B',
    'a.b+c',
    'example.com',
    'ann@example.com',
    '+4790',
    '90',
    '😀',
    'ß',
    '(x',
    '12',
  ],
  NUMBER: ['12', '-3.5', '0', '1000000'],
  DATE: ['2026-03-01', '2026-02-28', '1990-12-31'],
  YES_NO: [],
  CHOICE: [],
} as const;

/** Every subject of every kind of condition, with what it compares. */
export function everySubject(
  context: FilterContext,
  properties: readonly string[] = [],
): { on: string; of: string; compared: ComparedValue }[] {
  return conditionKinds.flatMap((kind) =>
    kind.subjects(context, properties).flatMap(({ of }) => {
      const compared = kind.compared(of, context);
      return compared ? [{ on: kind.id, of, compared }] : [];
    }),
  );
}

/** Every operator of a subject with every valid value: single, or two neighbours for a range or a choice of several. */
export function conditionsOn({ on, of, compared }: ReturnType<typeof everySubject>[number]): Condition[] {
  const values = compared.options?.map(({ value }) => value) ?? [...samples[compared.kind]];
  return operatorsOf(compared).flatMap((is) => {
    const { takes } = operators[is];
    const pairs = values.map((value, at) => [value, values[(at + 1) % values.length] ?? value]);
    const lists = {
      NONE: [[]],
      ONE: values.map((value) => [value]),
      TWO: pairs,
      SOME: pairs,
      DAYS: [['1'], ['30']],
    };
    const all: Condition[] = lists[takes].map((list) => ({ on, of, is, values: list }));
    return all.filter((condition) => faultOf(condition, compared) === null);
  });
}

/** Conditions that an index answers by one facet: "is" and "is true". */
export function isPoint({ is }: Condition, compared: ComparedValue): boolean {
  const { source, kind } = compared;
  return (is === 'IS' || is === 'IS_TRUE') && source !== 'LISTS' && 'facets' in source && kind !== 'DATE';
}
