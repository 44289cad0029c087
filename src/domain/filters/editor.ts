/** The options of the filter editor, and how it reads a condition. It does not use HTML. */
import { headings, type FilterContext, type Subject, type ValueOption } from './condition-kind.js';
import type { Condition } from './filter.js';
import { operators, operatorsOf, type Operator } from './operators.js';
import { comparedBy, faultOf } from './read-condition.js';
import { conditionKinds } from './registry.js';
import { readValue } from './values.js';
import type { ValueKind } from '../../vocabulary/properties.js';

/** All subjects of conditions, under headings. A value names kind and subject: `status:3`. */
export function subjectGroups(
  context: FilterContext,
  properties: readonly string[],
): { label: string; options: ValueOption[] }[] {
  return headings.flatMap((label) => {
    const options = conditionKinds
      .filter(({ heading }) => heading === label)
      .flatMap(({ id, subjects }) => subjects(context, properties).map((one) => optionOf(id, one)));
    return options.length > 0 ? [{ label, options }] : [];
  });
}

const optionOf = (id: string, { of, label }: Subject) => ({ value: `${id}:${of}`, label });

/** The subject of a condition, from `status:3`. */
export function subjectOf(text: string): Pick<Condition, 'on' | 'of'> {
  const at = text.indexOf(':');
  return at < 0 ? { on: text, of: '' } : { on: text.slice(0, at), of: text.slice(at + 1) };
}

/** With several values, "is" becomes "is any of". */
const several = { IS: 'IS_ANY_OF', IS_NOT: 'IS_NONE_OF' } as const;

export interface ConditionEditor {
  label: string;
  kind: ValueKind;
  operators: {
    value: Operator;
    label: string;
    takes: 'NONE' | 'ONE' | 'TWO' | 'SOME' | 'DAYS';
    isSelected: boolean;
  }[];
  options: (ValueOption & { isSelected: boolean })[];
  /** For text or numbers: all values, separated by semicolons. A value that has one is in quotation marks. */
  value: string;
  /** The other end of a range. */
  to: string;
  days: string;
}

/** The fields of one condition, with its values. @returns null if its subject does not exist */
export function editorOf(condition: Condition, context: FilterContext): ConditionEditor | null {
  const compared = comparedBy(condition, context);
  if (!compared) return null;
  const { is, values } = condition;
  const isDays = operators[is].takes === 'DAYS';
  const isRange = operators[is].takes === 'TWO';
  return {
    label: compared.label,
    kind: compared.kind,
    operators: operatorsOf(compared).map((value) => {
      const { words, takes } = operators[value];
      return { value, label: words, takes, isSelected: value === is };
    }),
    options: (compared.options ?? []).map((one) => ({ ...one, isSelected: values.includes(one.value) })),
    value: isDays ? '' : isRange ? (values[0] ?? '') : values.map(writtenValue).join('; '),
    to: isRange ? (values[1] ?? '') : '',
    days: isDays ? (values[0] ?? '') : '',
  };
}

/** A value as the field has it: in quotation marks if a semicolon would divide it. */
export function writtenValue(text: string): string {
  return /;|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The values of the field. */
function valuesIn(text: string): string[] {
  const parts = text.matchAll(/\s*"((?:[^"]|"")*)"\s*(?=;|$)|([^;]+)/g);
  return [...parts].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}

/** The fields as a form sent them. */
export interface SentCondition {
  on: string;
  is: string;
  values: readonly string[];
  to: string;
  days: string;
}

/** Reads a condition from the fields of its editor, or returns the fault. */
export function conditionFrom(
  sent: SentCondition,
  context: FilterContext,
): { condition: Condition; fault: string | null } | null {
  const subject = subjectOf(sent.on);
  const compared = comparedBy(subject, context);
  if (!compared) return null;
  const known = operatorsOf(compared);
  const is = known.find((one) => one === sent.is) ?? known[0] ?? 'IS_KNOWN';
  const { takes } = operators[is];
  // Days and choices have fields of their own.
  const isTyped = compared.kind === 'TEXT' || compared.kind === 'NUMBER';
  const given = sent.values.flatMap((text) => (isTyped ? valuesIn(text) : [text]));
  const values = given.map((text) => text.trim()).filter(Boolean);
  const wanted = {
    NONE: [],
    ONE: values,
    SOME: values,
    DAYS: [sent.days],
    TWO: [...values.slice(0, 1), sent.to],
  }[takes];
  const isSeveral = wanted.length > 1 && (is === 'IS' || is === 'IS_NOT') && known.includes(several[is]);
  const condition = {
    ...subject,
    is: isSeveral ? several[is] : is,
    values: wanted
      .filter(Boolean)
      .map((text) => (takes === 'DAYS' ? text : (readValue(compared.kind, text) ?? text))),
  };
  return { condition, fault: faultOf(condition, compared) };
}
