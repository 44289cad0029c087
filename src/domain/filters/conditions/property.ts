/** Conditions on a property of contacts; its type decides the operators. A property without a definition is a text. */
import type { ConditionKind } from '../condition-kind.js';
import { folded } from '../values.js';

export const property: ConditionKind = {
  id: 'property',
  heading: 'Properties',
  subjects: (_context, properties) => properties.map((label) => ({ of: folded(label), label })),
  compared: (of, { catalogue }) => {
    const { name, kind, choices } = catalogue.properties.get(of) ?? {
      name: of,
      kind: 'TEXT' as const,
      choices: [],
    };
    if (of === '') return null;
    const sorted = kind === 'NUMBER' ? 'number' : kind === 'DATE' ? 'date' : 'property';
    return {
      label: name.charAt(0).toUpperCase() + name.slice(1),
      kind,
      isOptional: true,
      source: { facets: `${sorted}:${of}=` },
      ...(kind === 'CHOICE' && {
        options: choices.map((choice) => ({ value: folded(choice), label: choice })),
      }),
    };
  },
};
