/** The editor of filters can make every condition of the registry, and shows each as it is. */
import { expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import type { FilterContext, FilterList } from '../../../src/domain/filters/condition-kind.js';
import { conditionFrom, editorOf, subjectGroups } from '../../../src/domain/filters/editor.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import { conditionKinds } from '../../../src/domain/filters/registry.js';
import { conditionsOn, everySubject } from '../../support/every-condition.js';
import { types, units } from '../../support/people.js';
import type { PropertyDefinition } from '../../../src/vocabulary/properties.js';

const properties: PropertyDefinition[] = [
  { name: 'Age', kind: 'NUMBER', choices: [] },
  { name: 'Birthday', kind: 'DATE', choices: [] },
  { name: 'VIP', kind: 'YES_NO', choices: [] },
  { name: 'Plan', kind: 'CHOICE', choices: ['Free', 'Pro plus', 'Team; trial'] },
];
const list: FilterList = { id: 'l1', name: 'Readers', unitIds: null, filter: null };
const context: FilterContext = {
  catalogue: catalogueOf([...units], [...types], false, { properties }),
  ...{ lists: new Map([[list.id, list]]), scope: null, now: new Date('2026-03-01T12:00:00Z') },
};
const names = ['City', ...properties.map(({ name }) => name)];

/** Sends the fields of the editor as a browser does. */
function sentAgain(condition: Condition): ReturnType<typeof conditionFrom> {
  const editor = editorOf(condition, context);
  if (!editor) return null;
  const isChoice = editor.options.length > 0;
  return conditionFrom(
    {
      on: `${condition.on}:${condition.of}`,
      is: editor.operators.find(({ isSelected }) => isSelected)?.value ?? '',
      values: isChoice
        ? editor.options.flatMap(({ value, isSelected }) => (isSelected ? [value] : []))
        : [editor.value],
      ...{ to: editor.to, days: editor.days },
    },
    context,
  );
}

it('every condition of every kind comes back unchanged from its fields', () => {
  const kinds = new Set<string>();
  for (const subject of everySubject(context, names))
    for (const condition of conditionsOn(subject)) {
      kinds.add(`${condition.on} ${condition.is}`);
      const { values, ...rest } = condition;
      const read = sentAgain(condition);
      expect(read?.fault, JSON.stringify(condition)).toBeNull();
      expect(read?.condition).toMatchObject(rest);
      expect([...(read?.condition.values ?? [])].sort()).toEqual([...new Set(values)].sort());
    }
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      ...['property IS_ANY_OF', 'property BETWEEN', 'property IN_NEXT_DAYS', 'created IN_LAST_DAYS'],
      ...['status IS', 'status-since BEFORE', 'status-since AFTER', 'status-by IS_ANY_OF'],
      ...['out-of-all IS_FALSE', 'opted-out IS_TRUE', 'cannot-receive IS_NOT', 'unit IS', 'list IS_NOT'],
      ...[
        'marketing IS',
        'until-update IS_TRUE',
        'processing-basis IS_UNKNOWN',
        'source IS',
        'updated AFTER',
      ],
    ]),
  );
});

it.each([
  ['IS', 'IS_ANY_OF'],
  ['IS_NOT', 'IS_NONE_OF'],
])('%s with several values in its field becomes %s', (is, several) => {
  const sent = { on: 'property:city', is, values: ['Oslo; Bergen'], to: '', days: '' };
  const { condition, fault } = conditionFrom(sent, context) ?? {};
  expect(condition).toMatchObject({ is: several, values: ['Oslo', 'Bergen'] });
  expect(fault).toBeNull();
});

it.each([[['Oslo; Bergen']], [['Oslo; Bergen', 'Voss']], [['"Oslo"', 'a "b" c']], [['"a"; "b"', '"']]])(
  'the values %j come back from their field as they are',
  (values) => {
    const read = sentAgain({ on: 'property', of: 'city', is: 'IS_ANY_OF', values });
    expect(read).toMatchObject({ condition: { values }, fault: null });
  },
);

it('every kind of condition is offered under a heading', () => {
  const offered = subjectGroups(context, names).flatMap(({ options }) => options.map(({ value }) => value));
  for (const { id } of conditionKinds)
    expect(
      offered.some((value) => value.startsWith(`${id}:`)),
      id,
    ).toBe(true);
});
