/** The form for the export of contacts: which contacts, and which columns. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import { columnGroups, contactColumns } from '../../../domain/exports/contact-columns.js';
import type { ContactColumn } from '../../../domain/exports/contact-columns.js';
import { everyContact } from '../../../domain/exports/contacts.js';
import { findOfferedProperties } from '../../../domain/contacts/properties.js';
import { findSavedViews } from '../../../domain/contacts/saved-views.js';
import { selectionOfView } from '../../../domain/contacts/selection.js';
import type { Selection } from '../../../domain/contacts/selection.js';
import { listOf } from '../../../vocabulary/words.js';
import { queryIn, viewIn } from '../contacts/filter-links.js';
import { noneIn, pickedIn, tooMany, type Picked } from '../bulk/selected.js';
import type { GroupPlan } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import type { FormPage } from '../kit/form-page.js';
import type { Ask } from '../route.js';
import { crumbs, formatFields, formatGroup, formatTexts, loadSubject, queueExport } from './choices-form.js';
import type { ExportSubject } from './choices-form.js';

interface ContactsSubject extends ExportSubject {
  columns: ContactColumn[];
  /** The contacts that were picked in the index; null if the page was opened from the list of exports. */
  picked: Picked | null;
  views: { value: string; label: string }[];
}

/** A group with more columns is folded at first. */
const mostOpen = 12;

function whom({ picked, views }: ContactsSubject): GroupPlan[] {
  if (picked || views.length === 0) return [];
  return [
    {
      legend: 'Contacts',
      fields: [
        {
          kind: 'select',
          name: 'view',
          label: 'Which contacts',
          options: [{ value: '', label: 'All contacts' }, ...views],
          hint: 'A view that you saved in the contacts, or all. To export a selection, tick contacts there.',
        },
      ],
    },
  ];
}

const form = declareForm<
  ContactsSubject,
  { columns: string[]; view?: string | undefined; kind: string; delimiter: string; hasByteOrderMark: boolean }
>({
  pattern: adminPatterns.contactExports,
  may: 'exports.make',
  about: 'nothing',
  groups: (subject) => [
    ...whom(subject),
    ...columnGroups.flatMap((legend): GroupPlan[] => {
      const options = subject.columns
        .filter(({ group }) => group === legend)
        .map(({ key, heading }) => ({ value: key, label: heading }));
      const name = fieldOf(legend);
      return options.length === 0
        ? []
        : [
            {
              legend,
              isFolded: options.length > mostOpen,
              fields: [{ kind: 'ticks', name, label: 'Columns', options }],
            },
          ];
    }),
    formatGroup,
  ],
  texts: ({ columns }) => ({
    ...formatTexts,
    ...Object.fromEntries(
      columnGroups.map((legend) => [
        fieldOf(legend),
        columns
          .filter(({ group, isUsual }) => group === legend && isUsual)
          .map(({ key }) => key)
          .join('\n'),
      ]),
    ),
  }),
  hidden: ({ picked, nonce }) => picked?.fields ?? [nonce],
  button: 'Start the export',
  more: ({ picked }) => ({ cancelHref: picked?.backHref ?? adminPaths.exports() }),
  schema: () =>
    z
      .object({
        ...formatFields,
        view: z.string().optional(),
        ...Object.fromEntries(
          columnGroups.map((legend) => [fieldOf(legend), z.array(z.string()).optional()]),
        ),
      })
      .transform((values) => {
        const chosen = columnGroups.flatMap((legend): unknown => Object(values)[fieldOf(legend)] ?? []);
        return { ...values, columns: chosen.filter((key) => typeof key === 'string') };
      })
      .refine(({ columns }) => columns.length > 0, {
        message: 'Choose at least one column.',
        path: [fieldOf('Contact')],
      }),
  async save({ deps, ask, subject, values }) {
    const { columns, kind, delimiter, hasByteOrderMark, view = '' } = values;
    const offered = subject.views.some(({ value }) => value === view);
    const asked: Selection =
      subject.picked?.selection ??
      (offered ? selectionOfView(viewIn(new URLSearchParams(view))) : everyContact);
    const selection = await selectionForJob(deps, ask.scope, asked);
    if (!selection) return { faults: [tooMany] };
    return queueExport(deps, ask, 'CONTACTS', {
      ...{ selection, columns, format: { kind, delimiter, hasByteOrderMark } },
    });
  },
});

/** The name of the field with the columns of a group. */
function fieldOf(group: (typeof columnGroups)[number]): string {
  return `columns-${group.toLowerCase()}`;
}

export const contactExportPage: FormPage<ContactsSubject> = {
  section: 'exports',
  load: async (deps, ask) => {
    const [subject, picked, properties, views] = await Promise.all([
      loadSubject(deps, ask),
      pickedIn(deps, ask),
      findOfferedProperties(deps, ask.scope),
      findSavedViews(deps, { userId: ask.user.id, scope: ask.scope }),
    ]);
    return {
      ...subject,
      picked: isPicking(ask) ? picked : null,
      columns: contactColumns(
        subject.context,
        properties.map(({ name }) => name),
      ),
      views: views.map(({ query, name }) => ({ value: query, label: name })),
    };
  },
  instead: ({ ask, subject: { picked } }) => (picked ? noneIn(picked, ask) : undefined),
  show: ({ subject: { picked } }, view) => ({
    title: picked ? `Export ${picked.whom}` : 'Export contacts',
    ...(picked && picked.filters.length > 0 ? { lead: `All that match: ${listOf(picked.filters)}` } : {}),
    crumbs,
    form: view(form),
  }),
  forms: [form],
};

/** The index sends its selection, also if no contact was ticked. The list of exports sends none. */
function isPicking({ request }: Ask): boolean {
  return queryIn(request).has('selection') || Object.hasOwn(Object(request.body), 'selection');
}
