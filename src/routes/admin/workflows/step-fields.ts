/** The fields of each kind of step: what its form shows, and how its input is read. One entry for each kind that has fields. */
import { z } from 'zod';
import { line } from '../../../domain/catalogue/fields.js';
import { isListWithin } from '../../../domain/filters/conditions/list.js';
import type { WorkflowAbout } from '../../../domain/workflows/contract.js';
import { clockTime } from '../../../domain/workflows/plan.js';
import { waitUnits, weekdayNames } from '../../../domain/workflows/steps/wait.js';
import { webhookUrl } from '../../../domain/workflows/steps/webhook.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { channelNames } from '../../../vocabulary/words.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { onlyWith, type FieldPlan, type Texts } from '../kit/fields.js';
import { basisOptions, offeredTypes, unitOptions } from '../options.js';
import { present } from '../present.js';

export interface StepFields {
  /** @param texts those that the form shows */
  fields: (about: WorkflowAbout, texts: Texts) => FieldPlan[];
  /** The texts of a new step. */
  first?: Texts;
  /** The texts of a stored input. */
  texts: (input: Readonly<Record<string, unknown>>) => Texts;
  /** From the texts of the form to the input. */
  schema: (about: WorkflowAbout) => z.ZodType<object>;
}

const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const lines = (value: unknown) => (Array.isArray(value) ? value.map(text).join('\n') : '');

export function weekdayOptions() {
  return weekdayNames.map((label, at) => ({ value: String(at + 1), label }));
}

function typeOptions({ catalogue, scope }: WorkflowAbout, { typeId = '' }: Texts) {
  return offeredTypes(catalogue, scope, [typeId]).map(({ id, name, channel, unitId, isActive }) => {
    const about = [channelNames[channel], catalogue.units.get(unitId)?.name ?? '', !isActive && 'archived'];
    return { value: String(id), label: `${name} (${present(about).join(', ')})` };
  });
}

const chosen = { value: '', label: 'Choose …' };

const listFields: StepFields = {
  fields: ({ lists, scope }) => [
    {
      ...{ kind: 'select', name: 'listId', label: 'Static list', isRequired: true },
      options: [
        chosen,
        ...[...lists.values()]
          .filter((list) => list.filter === null && isListWithin(list, scope))
          .map(({ id, name }) => ({ value: id, label: name })),
      ],
    },
  ],
  texts: ({ listId }) => ({ listId: text(listId) }),
  schema: () =>
    z.looseObject({ listId: z.string().min(1, 'is not chosen') }).transform(({ listId }) => ({ listId })),
};

const statuses = [
  { value: 'OPT_IN', label: 'Opted in', hint: 'Contacts who opted out before are always skipped.' },
  { value: 'OPT_OUT', label: 'Opted out' },
];
const waits = [
  { value: 'TIME', label: 'For some time' },
  { value: 'WEEKDAY', label: 'Until a day of the week' },
  { value: 'PROPERTY', label: 'Until a date of the contact' },
];

export const stepFields: Readonly<Record<string, StepFields>> = {
  CONSENT: {
    fields: (about, texts) => [
      {
        ...{ kind: 'radios', name: 'status', label: 'Subscription status', look: 'leads' },
        options: statuses,
      },
      {
        ...{ kind: 'select', name: 'typeId', label: 'Subscription type', isRequired: true },
        hint: 'Its messaging channel and its business unit are in brackets.',
        options: [chosen, ...typeOptions(about, texts)],
      },
      {
        ...{ kind: 'select', name: 'legalBasis', label: 'Legal basis for communicating with the contact' },
        ...(about.isPrivacyMode ? { hint: 'Needed, since the data privacy mode is on.' } : {}),
        ...{ look: onlyWith(statuses, 'OPT_IN'), options: basisOptions('None') },
      },
      {
        ...{ kind: 'area', name: 'explanation', label: 'Explanation for communication consent', most: 500 },
        ...{ look: onlyWith(statuses, 'OPT_IN'), isAlternative: about.isPrivacyMode },
      },
    ],
    first: { status: 'OPT_IN' },
    texts: ({ status, typeId, legalBasis, explanation }) => ({
      ...{
        status: text(status),
        typeId: text(typeId),
        legalBasis: text(legalBasis),
        explanation: text(explanation),
      },
    }),
    schema: ({ catalogue }) =>
      z
        .looseObject({
          status: z.enum(['OPT_IN', 'OPT_OUT'], 'is not chosen'),
          typeId: z.string().refine((id) => catalogue.types.has(Number(id)), 'is not chosen'),
          legalBasis: z.union([z.enum(legalBases), z.literal('')]),
          explanation: z.string().max(500, 'is longer than 500 characters'),
        })
        .transform(({ status, typeId, legalBasis, explanation }) => ({
          ...{ status, typeId: Number(typeId) },
          // The fields of an opt-in are not shown for an opt-out.
          legalBasis: legalBasis === '' || status === 'OPT_OUT' ? null : legalBasis,
          explanation: status === 'OPT_OUT' ? '' : explanation,
          channel: catalogue.types.get(Number(typeId))?.channel ?? 'EMAIL',
        })),
  },
  SEND_LINK: {
    fields: ({ catalogue, scope }) => [
      {
        ...{ kind: 'select', name: 'unitId', label: 'In the name of', isRequired: true },
        options: unitOptions([...catalogue.units.values()].filter(({ id }) => isInScope(scope, id))),
      },
    ],
    texts: ({ unitId }) => ({ unitId: text(unitId) }),
    schema: () =>
      z.looseObject({ unitId: z.string().regex(/^\d+$/, 'is not chosen') }).transform(({ unitId }) => ({
        unitId: Number(unitId),
      })),
  },
  PROPERTY: {
    fields: ({ catalogue }) => [
      {
        ...{ kind: 'text', name: 'name', label: 'Property', isRequired: true, most: 40 },
        suggestions: [...catalogue.properties.values()].map(({ name }) => name),
      },
      {
        ...{ kind: 'text', name: 'value', label: 'Value', most: 200 },
        hint: 'Leave it empty to remove the value.',
        suggestions: [...catalogue.properties.values()].flatMap(({ choices }) => choices),
      },
    ],
    texts: ({ name, value }) => ({ name: text(name), value: text(value) }),
    schema: () =>
      z
        .looseObject({ name: line(40), value: z.string().max(200, 'is longer than 200 characters') })
        .transform(({ name, value }) => ({ name, value: value.trim() })),
  },
  WAIT: {
    fields: ({ catalogue: { timeZone, properties } }) => [
      {
        ...{ kind: 'radios', name: 'until', label: 'Wait', look: 'leads', options: waits },
      },
      {
        ...{ kind: 'text', name: 'amount', label: 'How long', most: 4, isAlternative: true },
        look: `brief ${onlyWith(waits, 'TIME')}`,
      },
      {
        ...{ kind: 'select', name: 'unit', label: 'Unit', look: `brief ${onlyWith(waits, 'TIME')}` },
        options: waitUnits.map((value) => ({ value, label: value.toLowerCase() })),
        hint: 'A wait of one day ends at the same time on the next day. A wait of 24 hours ends exactly 24 hours later.',
      },
      {
        ...{ kind: 'ticks', name: 'days', label: 'Days of the week', options: weekdayOptions() },
        look: `across ${onlyWith(waits, 'WEEKDAY')}`,
      },
      {
        ...{ kind: 'select', name: 'name', label: 'Date of the contact', look: onlyWith(waits, 'PROPERTY') },
        options: [
          chosen,
          ...[...properties.values()]
            .filter(({ kind }) => kind === 'DATE')
            .map(({ name }) => ({ value: name, label: name })),
        ],
      },
      {
        ...{ kind: 'text', name: 'at', label: 'At', most: 5, hint: `Such as 09:00, ${timeZone} time.` },
        ...{ look: `brief ${onlyWith(waits, 'WEEKDAY', 'PROPERTY')}`, isAlternative: true },
      },
    ],
    first: { until: 'TIME', amount: '1', unit: 'DAYS', at: '09:00' },
    texts: ({ until, amount, unit, days, name, at }) => ({
      ...{ until: text(until), amount: text(amount) || '1', unit: text(unit) || 'DAYS' },
      ...{ days: lines(days), name: text(name), at: text(at) || '09:00' },
    }),
    schema: () =>
      z
        .looseObject({
          until: z.enum(['TIME', 'WEEKDAY', 'PROPERTY'], 'is not chosen'),
          ...{ amount: z.string(), unit: z.enum(waitUnits), days: z.array(z.string()), name: z.string() },
          at: z.string(),
        })
        .transform(({ until, amount, unit, days, name, at }, context): object => {
          const fault = (field: string, message: string) =>
            context.addIssue({ code: 'custom', path: [field], message });
          if (until === 'TIME') {
            if (!/^[1-9]\d{0,2}$/.test(amount.trim())) fault('amount', 'is not a number from 1 to 999');
            return { until, amount: Number(amount), unit };
          }
          if (!clockTime.safeParse(at).success) fault('at', 'is not a time such as 09:00');
          if (until === 'WEEKDAY') {
            if (days.length === 0) fault('days', 'need at least one day');
            return { until, days: days.map(Number), at };
          }
          if (name === '') fault('name', 'is not chosen');
          return { until, name, at };
        }),
  },
  WEBHOOK: {
    fields: () => [
      {
        ...{ kind: 'url', name: 'url', label: 'URL', isRequired: true },
        hint: 'It gets a signed message for each contact. The secret is shown once, after you save.',
      },
    ],
    texts: ({ url }) => ({ url: text(url) }),
    schema: () => z.looseObject({ url: webhookUrl }).transform(({ url }) => ({ url })),
  },
  MARKETING: {
    fields: () => [
      {
        ...{ kind: 'radios', name: 'status', label: 'Marketing contact status' },
        options: [
          { value: 'yes', label: 'Marketing', hint: 'At once.' },
          {
            value: 'no',
            label: 'Non-marketing',
            hint: 'From the next update on. Until then it can be taken back.',
          },
        ],
      },
    ],
    first: { status: 'yes' },
    texts: ({ isMarketing }) => ({ status: isMarketing === false ? 'no' : 'yes' }),
    schema: () =>
      z
        .looseObject({ status: z.enum(['yes', 'no'], 'is not chosen') })
        .transform(({ status }) => ({ isMarketing: status === 'yes' })),
  },
  ADD_TO_LIST: listFields,
  REMOVE_FROM_LIST: listFields,
};

/** Kinds without fields, such as a branch, whose filter has a page of its own. */
export const noFields: StepFields = {
  fields: () => [],
  texts: () => ({}),
  schema: () => z.looseObject({}).transform(() => ({})),
};
