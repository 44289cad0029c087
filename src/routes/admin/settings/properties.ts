/** The types of contacts' properties: the list, and a form that sets one. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { defineProperties, mostDefinitions, propertyFields } from '../../../domain/catalogue/properties.js';
import { findOfferedProperties, type OfferedProperty } from '../../../domain/contacts/properties.js';
import { folded } from '../../../domain/filters/values.js';
import type { Deps } from '../../../deps.js';
import { readPropertyDefinitions } from '../../../models/setting.js';
import {
  textProperty,
  valueKinds,
  type PropertyDefinition,
  type ValueKind,
} from '../../../vocabulary/properties.js';
import { auditBy } from '../audit-by.js';
import { queryOf } from '../form.js';
import { settingsCrumbs } from '../frame.js';
import { linesOf } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf } from '../kit/list-page.js';
import type { Ask, StaffRoute } from '../route.js';

export const kindNames: Readonly<Record<ValueKind, string>> = {
  TEXT: 'Text',
  NUMBER: 'Number',
  DATE: 'Date',
  YES_NO: 'Yes or no',
  CHOICE: 'Choice',
};

interface Properties {
  version: number;
  /** Each property with its values; a property without a definition is a text. */
  rows: (PropertyDefinition & Pick<OfferedProperty, 'values'>)[];
  chosen: PropertyDefinition;
}

const tooMany = `${mostDefinitions} properties have a type already. Set one of them to “Text” first.`;

const propertyForm = declareForm<Properties, PropertyDefinition>({
  pattern: adminPatterns.properties,
  may: 'settings.change',
  about: 'account',
  groups: () => [
    {
      fields: [
        { kind: 'text', name: 'name', label: 'Property', isRequired: true, most: 40 },
        {
          kind: 'select',
          name: 'kind',
          label: 'Type',
          options: valueKinds.map((value) => ({ value, label: kindNames[value] })),
          hint: 'New values must fit the type. Existing values do not change. Those that do not fit count as unknown in filters.',
        },
        {
          kind: 'area',
          name: 'choices',
          label: 'Choices',
          hint: 'One per line. Used by the type “Choice” only.',
        },
      ],
    },
  ],
  texts: ({ chosen: { name, kind, choices } }) => ({ name, kind, choices: choices.join('\n') }),
  version: ({ version }) => version,
  button: 'Save',
  schema: () => z.preprocess(withLines, propertyFields),
  save: async ({ deps, ask, values, version }) => {
    const saved = await defineProperties(deps, version, [values]);
    if (saved === 'STALE') return 'STALE';
    if (saved === 'TOO_MANY') return { faults: [{ text: tooMany, href: '#name' }] };
    const detail = `property ${values.name}: ${kindNames[values.kind]}`;
    await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: 'account', detail });
    return { to: adminPaths.properties(), said: 'saved' };
  },
});

function withLines(sent: unknown): unknown {
  const choices: unknown = Object(sent)['choices'];
  return typeof choices === 'string' ? { ...Object(sent), choices: linesOf(choices).filter(Boolean) } : sent;
}

export function propertyRoutes(deps: Deps): StaffRoute[] {
  return formRoutes(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings: {
      saved: { tone: 'good', strong: 'Saved.', sentence: 'Filters use the type within a minute.' },
    },
    load: readProperties,
    show: ({ subject: { rows } }, form) => ({
      title: 'Properties of contacts',
      crumbs: settingsCrumbs,
      panels: [
        {
          heading: 'Properties and their types',
          sentences: [
            'The type of a property decides which values are allowed, and how contacts can be filtered by it. Without a type, a property is a text.',
          ],
          ...(rows.length > 0 ? { table: tableOf('Properties', columns, rows) } : {}),
        },
        { heading: 'Set a type', form: form(propertyForm) },
      ],
    }),
    forms: [propertyForm],
  });
}

const columns = [
  {
    heading: 'Property',
    cell: ({ name }: PropertyDefinition) => ({ href: adminPaths.properties({ name }), text: name }),
  },
  {
    heading: 'Type',
    cell: ({ kind, choices }: PropertyDefinition) => ({
      text: kindNames[kind],
      ...(choices.length > 0 ? { note: choices.join(', ') } : {}),
    }),
  },
  {
    heading: 'Values of contacts',
    cell: ({ values }: Properties['rows'][number]) => ({
      text: values.slice(0, 5).join(', ') + (values.length > 5 ? ' …' : ''),
    }),
  },
];

async function readProperties(deps: Deps, ask: Ask): Promise<Properties> {
  const [{ definitions, version }, offered] = await Promise.all([
    readPropertyDefinitions(deps.models.settings),
    findOfferedProperties(deps, null),
  ]);
  const definitionOf = (name: string) => definitions.find((one) => folded(one.name) === folded(name));
  const rows = offered.map(({ name, values }) => ({
    ...(definitionOf(name) ?? textProperty(name)),
    values,
  }));
  const asked = queryOf(ask.request, 'name', 40) ?? '';
  return { version, rows, chosen: definitionOf(asked) ?? textProperty(asked) };
}
