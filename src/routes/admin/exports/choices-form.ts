/** The forms for the exports of addresses and of history: what to include, and the format of the file. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { faultOfChoices } from '../../../domain/exports/choices.js';
import { delimiters } from '../../../domain/exports/format.js';
import { exportsByName } from '../../../domain/exports/registry.js';
import { exportedReasonNames, exportedReasons } from '../../../domain/exports/unsubscribed.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { nameOfKind } from '../../../domain/consent/actors.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { exportKinds, exportKindName } from '../../../jobs/kinds/export.js';
import { wantedOf } from '../../../jobs/kind.js';
import { actorKinds, channels, type SubscriptionType } from '../../../vocabulary/terms.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { isDay } from '../../../vocabulary/time-zones.js';
import { capital, channelNames, typeName } from '../../../vocabulary/words.js';
import { nonceField, queueJobOf } from '../jobs/queue.js';
import type { FieldPlan, GroupPlan, Texts } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import type { Form, Outcome } from '../kit/form.js';
import type { FormPage } from '../kit/form-page.js';
import type { Deps } from '../../../deps.js';
import type { Ask } from '../route.js';

export interface ExportSubject {
  /** The hidden field of the form. */
  nonce: ReturnType<typeof nonceField>;
  context: FilterContext;
}

export const crumbs = [{ href: adminPaths.exports(), text: 'Exports' }];

const delimiterNames = Object.keys(delimiters);

export const formatGroup: GroupPlan = {
  legend: 'File',
  fields: [
    {
      kind: 'radios',
      name: 'kind',
      label: 'Format',
      options: [
        { value: 'CSV', label: 'CSV', hint: 'For spreadsheets and imports.' },
        { value: 'NDJSON', label: 'NDJSON', hint: 'For programs: one JSON object on each line.' },
      ],
    },
    {
      kind: 'select',
      name: 'delimiter',
      label: 'Delimiter of CSV',
      options: delimiterNames.map((value) => ({ value, label: capital(value) })),
    },
    {
      kind: 'tick',
      name: 'hasByteOrderMark',
      label: 'Begin CSV with a byte order mark',
      hint: 'Excel then reads letters such as é correctly.',
    },
  ],
};

export const formatTexts: Texts = { kind: 'CSV', delimiter: 'comma', hasByteOrderMark: 'yes' };

export const formatFields = {
  kind: z.enum(['CSV', 'NDJSON'], 'Choose a format.'),
  delimiter: z.enum(delimiterNames, 'Choose a delimiter.'),
  hasByteOrderMark: z.boolean(),
};

/** Queues the export of a form. @param input is checked by the schema of the export, which cannot fail after the form's own */
export async function queueExport(
  deps: Deps,
  ask: Ask,
  name: keyof typeof exportsByName,
  input: object,
): Promise<Outcome> {
  const kind = exportKinds.find((one) => one.name === exportKindName({ name }));
  if (!kind) throw new Error(`there is no export ${name}`);
  return { to: await queueJobOf(deps, ask, wantedOf(kind, kind.input.parse(input))) };
}

export async function loadSubject(deps: Deps, ask: Ask): Promise<ExportSubject> {
  return { nonce: nonceField(ask), context: await filterContext(deps, ask.scope) };
}

const day = z.union([z.literal(''), z.string().refine(isDay, 'Write a day as 2026-11-24.')]);
const number = z.string().transform((text) => (text === '' ? null : Number(text)));

const choicesFields = {
  unitId: number,
  channel: z.string().transform((text) => text || null),
  type: z.string().transform((text) => (text === '' ? null : text === 'ALL' ? text : Number(text))),
  actor: z.string().transform((text) => text || null),
  from: day.transform((text) => text || null),
  to: day.transform((text) => text || null),
};

function select(name: string, label: string, all: string, options: FieldPlan['options'] = []): FieldPlan {
  return { kind: 'select', name, label, options: [{ value: '', label: all }, ...options] };
}

function choiceFields({ catalogue, scope }: FilterContext): FieldPlan[] {
  const { units, orderedTypes, timeZone } = catalogue;
  const reached = [...units.values()].filter(({ id }) => isInScope(scope, id));
  const types = orderedTypes.filter(({ unitId }) => isInScope(scope, unitId));
  const labelOf = (type: SubscriptionType) =>
    reached.length > 1 ? `${typeName(type)} (${units.get(type.unitId)?.name ?? ''})` : typeName(type);
  return [
    select(
      'unitId',
      'Business unit',
      'All business units',
      reached.map(({ id, name }) => ({ value: String(id), label: name })),
    ),
    select(
      'channel',
      'Channel',
      'All channels',
      channels.map((value) => ({ value, label: channelNames[value] })),
    ),
    select('type', 'Subscription type', 'All types, and opt-outs of all', [
      { value: 'ALL', label: 'Opt-outs of all only' },
      ...types.map((type) => ({ value: String(type.id), label: labelOf(type) })),
    ]),
    select(
      'actor',
      'By',
      'Anybody',
      actorKinds.map((value) => ({ value, label: nameOfKind(value) })),
    ),
    { kind: 'date', name: 'from', label: 'From', hint: `Days are in the time zone ${timeZone}.` },
    { kind: 'date', name: 'to', label: 'To' },
  ];
}

const reasonField = select(
  'reason',
  'Reason',
  'All reasons',
  exportedReasons.map((value) => ({ value, label: exportedReasonNames[value] })),
);

/** @param more fields and their schema, besides the choices that both exports have */
function choicesForm(
  name: 'UNSUBSCRIBED' | 'HISTORY',
  pattern: string,
  more: { fields: FieldPlan[]; schema: Record<string, z.ZodType> },
): Form<ExportSubject> {
  return declareForm<ExportSubject, Record<string, unknown>>({
    pattern,
    may: 'exports.make',
    about: 'nothing',
    groups: ({ context }) => [
      { legend: 'What to include', fields: [...choiceFields(context), ...more.fields] },
      formatGroup,
    ],
    texts: () => formatTexts,
    hidden: ({ nonce }) => [nonce],
    button: 'Start the export',
    more: () => ({ cancelHref: adminPaths.exports() }),
    schema: () => z.object({ ...formatFields, ...choicesFields, ...more.schema }),
    async save({ deps, ask, subject, values }) {
      const { kind, delimiter, hasByteOrderMark, ...choices } = values;
      const read = exportsByName[name].input.safeParse({
        ...choices,
        format: { kind, delimiter, hasByteOrderMark },
      });
      // A value that the form does not offer.
      if (!read.success) return { faults: [{ text: 'Choose one of the options.', href: '#main' }] };
      const fault = faultOfChoices(read.data, subject.context);
      if (fault)
        return {
          faults: [
            { text: 'It does not exist any more.', href: fault === 'UNKNOWN_UNIT' ? '#unitId' : '#type' },
          ],
        };
      return queueExport(deps, ask, name, read.data);
    },
  });
}

function choicesPage(title: string, lead: string, form: Form<ExportSubject>): FormPage<ExportSubject> {
  return {
    section: 'exports',
    load: loadSubject,
    show: (_about, view) => ({ title, lead, crumbs, form: view(form) }),
    forms: [form],
  };
}

export const unsubscribedExportPage = choicesPage(
  'Export bounced and unsubscribed addresses',
  'Each row is one opt-out, bounce or complaint of an address, also of addresses that are no contacts. A file of opt-outs of all can be imported elsewhere as an opt-out list.',
  choicesForm('UNSUBSCRIBED', adminPatterns.unsubscribedExports, {
    fields: [reasonField],
    schema: { reason: z.string().transform((text) => text || null) },
  }),
);

export const historyExportPage = choicesPage(
  'Export the history of consent',
  'Each row is one event. Events of erased persons have no address.',
  choicesForm('HISTORY', adminPatterns.historyExports, {
    fields: [],
    schema: {},
  }),
);
