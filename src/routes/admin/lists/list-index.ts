/** The index of lists with its search, and the page of a new list. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countContacts, filterContext } from '../../../domain/contacts/find.js';
import { viewOfQuery, wholeIndex } from '../../../domain/contacts/selection.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import type { Filter } from '../../../domain/filters/filter.js';
import { createList, findLists, listAudit, membersOf } from '../../../domain/lists/lists.js';
import { findListUses, type ListUse } from '../../../domain/lists/uses.js';
import { findDoers } from '../../../domain/staff/names.js';
import { listKinds, type List, type ListKind } from '../../../models/list.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { Scope } from '../../../vocabulary/scope.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { capital, dayOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { queryOf, textOf } from '../form.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import type { AdminRoute, Ask } from '../route.js';
import { reachFields, reachSchema, reachTexts, unitsWithin } from '../user-access.js';
import { faultsOfList, kindWords, memberCount, unitsOfList, usedIn } from './list-words.js';

export const listsCrumb = { href: adminPaths.lists(), text: 'Lists' };

interface ListRow {
  list: List;
  units: string;
  count: string;
  uses: readonly ListUse[];
  by: string;
}

const pageSize = 25;
/** Milliseconds for the count of one list. A filter without an index may take longer; its own page counts it. */
const countingMs = 500;

const listIndex: ListPage<ListRow> = {
  pattern: adminPatterns.lists,
  path: adminPaths.lists,
  may: 'contacts.read',
  section: 'lists',
  title: 'Lists',
  lead: 'Static: contacts are added by hand, in bulk, by an import or by a workflow. Active: the contacts that match its filter at any moment.',
  sayings: { deleted: { tone: 'good', strong: 'List deleted.', sentence: 'Its contacts stay.' } },
  main: { href: adminPaths.newList(), label: 'New list', may: 'lists.change' },
  filters: () => [
    { kind: 'search', name: 'name', label: 'Name of a list' },
    {
      ...{ kind: 'select', name: 'kind', label: 'Kind', all: 'Static and active' },
      options: listKinds.map((value) => ({ value, label: kindWords[value].label })),
    },
  ],
  load: async (deps, ask, { chosen, before }) => {
    const name = (chosen['name'] ?? '').toLowerCase();
    const found = (await findLists(deps, ask.scope)).filter(
      (list) => list.name.toLowerCase().includes(name) && (!chosen['kind'] || list.kind === chosen['kind']),
    );
    const start = before ? found.findIndex(({ _id }) => _id === before) + 1 : 0;
    const shown = found.slice(start, start + pageSize);
    const last = shown.at(-1);
    return {
      rows: await rowsOf(deps, ask, shown),
      ...(last && found.length > start + pageSize ? { older: last._id } : {}),
    };
  },
  columns: ({ zone }) => [
    {
      heading: 'Name',
      cell: ({ list: { _id, name }, units }) => ({
        href: adminPaths.list(_id),
        text: name,
        note: capital(units),
      }),
    },
    { heading: 'Kind', cell: ({ list }) => ({ text: kindWords[list.kind].label }) },
    { heading: 'Contacts', isNumeric: true, cell: ({ count }) => ({ text: count }) },
    { heading: 'Used in', cell: ({ uses }) => ({ text: usedIn(uses) || 'Not used' }) },
    {
      heading: 'Made by',
      cell: ({ list, by }) => ({ text: by, note: dayOf(list.createdAt, zone) }),
    },
  ],
  empty: (isFiltered) =>
    isFiltered
      ? { heading: 'No list has this name', sentence: 'Search for a part of the name.' }
      : {
          heading: 'There are no lists yet',
          sentence:
            'A list keeps a choice of contacts under a name, for filters, bulk work, exports and workflows.',
        },
};

async function rowsOf(deps: Deps, { scope }: Ask, lists: readonly List[]): Promise<ListRow[]> {
  const [catalogue, uses, doerOf] = await Promise.all([
    deps.catalogue(),
    findListUses(deps),
    findDoers(
      deps,
      lists.map(({ createdBy }) => createdBy),
    ),
  ]);
  const rows: ListRow[] = [];
  for (const list of lists) {
    const wanted = { scope, filter: membersOf(list._id), search: '' };
    rows.push({
      list,
      units: unitsOfList(list, catalogue),
      count: memberCount(await countContacts(deps, wanted, countingMs)),
      uses: uses.filter(({ listIds }) => listIds.includes(list._id)),
      by: doerOf(list.createdBy, list.createdAt)?.name ?? 'A deleted account',
    });
  }
  return rows;
}

interface NewList {
  units: readonly BusinessUnit[];
  /** Of the contacts index, which offers to keep its filter as a list. */
  filter: Filter;
  inWords: string[];
}

const newListForm = declareForm<NewList, { name: string; kind: ListKind; unit: Scope }>({
  pattern: adminPatterns.newList,
  may: 'lists.change',
  about: 'nothing',
  groups: ({ units, filter }, _texts, ask) => [
    {
      fields: [
        { kind: 'text', name: 'name', label: 'Name', isRequired: true, most: 100 },
        ...(filter.any.length > 0
          ? []
          : [
              {
                ...{ kind: 'radios' as const, name: 'kind', label: 'Kind' },
                options: listKinds.map((value) => ({ value, ...kindWords[value] })),
              },
            ]),
        ...reachFields(units, ask),
      ],
    },
  ],
  texts: ({ units }) => ({ ...reachTexts(null), kind: 'ACTIVE', unit: String(units[0]?.id ?? '') }),
  hidden: ({ filter }) => (filter.any.length > 0 ? [{ name: 'filter', value: JSON.stringify(filter) }] : []),
  button: 'Create list',
  more: () => ({ cancelHref: adminPaths.lists() }),
  schema: ({ ask, subject: { units }, texts }) =>
    z.object({
      name: z.string(),
      kind: z.enum(listKinds, 'Choose the kind of the list.').default('ACTIVE'),
      ...reachSchema(units, ask, texts),
    }),
  save: async ({ deps, ask, subject: { filter }, values: { name, kind, unit: unitIds } }) => {
    const by = staffRef(ask.user);
    const made = await createList(deps, { name, kind, unitIds, by, scope: ask.scope, filter });
    if ('faults' in made) return { faults: faultsOfList(made.faults, 'unit') };
    const { list } = made;
    const detail = `created, ${kind.toLowerCase()}`;
    await auditBy(deps, ask, listAudit(list, detail));
    return { to: adminPaths.list(list._id), said: 'created' };
  },
});

export function listIndexRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, listIndex),
    ...formRoutes<NewList>(deps, {
      section: 'lists',
      load: async (_deps, ask) => {
        const sent = ask.request.method === 'POST' ? textOf(ask.request, 'filter', 16_000) : undefined;
        const text = sent ?? queryOf(ask.request, 'filter', 16_000) ?? '';
        const { filter } = viewOfQuery(new URLSearchParams({ filter: text })) ?? wholeIndex;
        const inWords = describeFilter(filter, await filterContext(deps, ask.scope));
        return { units: await unitsWithin(deps, ask.scope), filter, inWords };
      },
      show: ({ subject: { inWords } }, form) => ({
        title: 'New list',
        crumbs: [listsCrumb],
        isNarrow: true,
        panels: [
          {
            sentences:
              inWords.length > 0
                ? [
                    `Its members are the contacts that match this filter at any moment: ${inWords.join(', ')}.`,
                  ]
                : [],
            form: form(newListForm),
          },
        ],
      }),
      forms: [newListForm],
    }),
  ];
}
