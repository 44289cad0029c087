/** The closed list of operators that a condition can have, and which of them each kind of value offers. */
import type { ValueKind } from '../../vocabulary/properties.js';

interface OperatorPlan {
  /** Between the subject of the condition and its values: "Language is not Danish". */
  words: string;
  /** The values that it takes: `DAYS` is a number of days, `TWO` the two ends of a range, `SOME` at least one value. */
  takes: 'NONE' | 'ONE' | 'TWO' | 'SOME' | 'DAYS';
  /** The operator that it negates. A negative operator also matches contacts without a value. */
  negates?: string;
}

export const operators = {
  IS: { words: 'is', takes: 'ONE' },
  IS_NOT: { words: 'is not', takes: 'ONE', negates: 'IS' },
  IS_ANY_OF: { words: 'is any of', takes: 'SOME' },
  IS_NONE_OF: { words: 'is none of', takes: 'SOME', negates: 'IS_ANY_OF' },
  CONTAINS: { words: 'contains', takes: 'ONE' },
  CONTAINS_NOT: { words: 'does not contain', takes: 'ONE', negates: 'CONTAINS' },
  STARTS_WITH: { words: 'starts with', takes: 'ONE' },
  STARTS_NOT_WITH: { words: 'does not start with', takes: 'ONE', negates: 'STARTS_WITH' },
  MORE_THAN: { words: 'is more than', takes: 'ONE' },
  NOT_MORE_THAN: { words: 'is not more than', takes: 'ONE', negates: 'MORE_THAN' },
  LESS_THAN: { words: 'is less than', takes: 'ONE' },
  NOT_LESS_THAN: { words: 'is not less than', takes: 'ONE', negates: 'LESS_THAN' },
  BEFORE: { words: 'is before', takes: 'ONE' },
  NOT_BEFORE: { words: 'is not before', takes: 'ONE', negates: 'BEFORE' },
  AFTER: { words: 'is after', takes: 'ONE' },
  NOT_AFTER: { words: 'is not after', takes: 'ONE', negates: 'AFTER' },
  BETWEEN: { words: 'is between', takes: 'TWO' },
  NOT_BETWEEN: { words: 'is not between', takes: 'TWO', negates: 'BETWEEN' },
  IN_LAST_DAYS: { words: 'is in the last', takes: 'DAYS' },
  NOT_IN_LAST_DAYS: { words: 'is not in the last', takes: 'DAYS', negates: 'IN_LAST_DAYS' },
  IN_NEXT_DAYS: { words: 'is in the next', takes: 'DAYS' },
  NOT_IN_NEXT_DAYS: { words: 'is not in the next', takes: 'DAYS', negates: 'IN_NEXT_DAYS' },
  IS_TRUE: { words: 'is true', takes: 'NONE' },
  IS_FALSE: { words: 'is false', takes: 'NONE', negates: 'IS_TRUE' },
  IS_KNOWN: { words: 'is known', takes: 'NONE' },
  IS_UNKNOWN: { words: 'is unknown', takes: 'NONE', negates: 'IS_KNOWN' },
} as const satisfies Readonly<Record<string, OperatorPlan>>;

export type Operator = keyof typeof operators;
export const operatorNames = Object.keys(operators).filter((name): name is Operator => name in operators);

const equal = ['IS', 'IS_NOT', 'IS_ANY_OF', 'IS_NONE_OF'] as const;
const ends = ['BETWEEN', 'NOT_BETWEEN'] as const;
const ofKind: Readonly<Record<ValueKind, readonly Operator[]>> = {
  TEXT: [...equal, 'CONTAINS', 'CONTAINS_NOT', 'STARTS_WITH', 'STARTS_NOT_WITH'],
  CHOICE: equal,
  NUMBER: [...equal, 'MORE_THAN', 'NOT_MORE_THAN', 'LESS_THAN', 'NOT_LESS_THAN', ...ends],
  DATE: [
    ...(['IS', 'IS_NOT', 'BEFORE', 'NOT_BEFORE', 'AFTER', 'NOT_AFTER', ...ends] as const),
    ...(['IN_LAST_DAYS', 'NOT_IN_LAST_DAYS', 'IN_NEXT_DAYS', 'NOT_IN_NEXT_DAYS'] as const),
  ],
  YES_NO: ['IS_TRUE', 'IS_FALSE'],
};

/** The operators of a kind of value. `isOptional` adds those that ask whether a value exists. */
export function operatorsOf({
  kind,
  isOptional,
}: {
  kind: ValueKind;
  isOptional: boolean;
}): readonly Operator[] {
  return isOptional ? [...ofKind[kind], 'IS_KNOWN', 'IS_UNKNOWN'] : ofKind[kind];
}

/** The positive operator, and whether it is negated. */
export function positiveOf(operator: Operator): { operator: Operator; isNegative: boolean } {
  const plan: OperatorPlan = operators[operator];
  const negated = operatorNames.find((name) => name === plan.negates);
  return negated ? { operator: negated, isNegative: true } : { operator, isNegative: false };
}
