/** One list: its members, its filter with the editor, where it is used, its settings, and its deletion. */
import type { Response } from 'express';
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countContacts, filterContext, type ContactCount } from '../../../domain/contacts/find.js';
import { viewOfQuery, wholeIndex } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import type { Filter } from '../../../domain/filters/filter.js';
import {
  changeList,
  deleteList,
  filterOf,
  getList,
  listAudit,
  membersOf,
} from '../../../domain/lists/lists.js';
import { findListUses, type ListUse } from '../../../domain/lists/uses.js';
import { findDoers } from '../../../domain/staff/names.js';
import { clearingOf } from '../../../jobs/kinds/edit-list.js';
import { queueJob } from '../../../models/job.js';
import type { List } from '../../../models/list.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Scope } from '../../../vocabulary/scope.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { dayOf, figure, momentOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { contactsHref, queryIn, type FilterPage } from '../contacts/filter-links.js';
import { shownFilter, takeCondition, type Edited } from '../contacts/shown-filter.js';
import { textOf, wholeOf } from '../form.js';
import { saying, type Sayings } from '../frame.js';
import { actView, declareForm } from '../kit/form.js';
import { formRoutes, htmlOf, type FormPage } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { reachFields, reachSchema, reachTexts, unitsWithin } from '../user-access.js';
import { listsCrumb } from './list-index.js';
import { enrolLink, usesPanel } from './list-panels.js';
import { faultsOfList, kindWords, unitsOfList } from './list-words.js';

interface Opened {
  list: List;
  /** The filter that the page shows; it may not be saved yet. */
  filter: Filter;
  isDraft: boolean;
  context: FilterContext;
  units: readonly BusinessUnit[];
  uses: readonly ListUse[];
  by: string;
  count: ContactCount;
  /** A condition with a fault. */
  edited?: Edited;
}

const sayings: Sayings = {
  created: { tone: 'good', strong: 'List created.' },
  saved: { tone: 'good', strong: 'Saved.' },
  used: { tone: 'warn', strong: 'The list is in use, so it was not deleted.' },
};

/** The links of the editor keep what is not saved yet in the URL, as those of the contacts index do. */
function pageOf(listId: string): FilterPage {
  return {
    href: ({ filter }, more = {}) => adminPaths.list(listId, { filter: JSON.stringify(filter), ...more }),
    action: adminPaths.list(listId),
    applyAction: adminPaths.listConditions(listId),
  };
}

async function openList(deps: Deps, ask: Ask): Promise<Opened> {
  const { scope } = ask;
  const list = await getList(deps, { listId: String(ask.request.params['list']), scope });
  const saved = filterOf(list);
  const sent = ask.request.method === 'POST' ? textOf(ask.request, 'filter', 16_000) : null;
  const text = sent ?? queryIn(ask.request).get('filter') ?? '';
  const asked = text && list.kind === 'ACTIVE' ? viewOfQuery(new URLSearchParams({ filter: text })) : null;
  const filter = asked?.filter ?? saved;
  const isDraft = JSON.stringify(filter) !== JSON.stringify(saved);
  const counted =
    isDraft && filter.any.length > 0 ? { filter, search: '' } : { filter: membersOf(list._id), search: '' };
  const [context, units, uses, doerOf, count] = await Promise.all([
    filterContext(deps, scope),
    unitsWithin(deps, scope),
    findListUses(deps),
    findDoers(deps, [list.createdBy]),
    countContacts(deps, { scope, ...counted }),
  ]);
  return {
    ...{ list, filter, isDraft, context, units, count },
    uses: uses.filter(({ listIds }) => listIds.includes(list._id)),
    by: doerOf(list.createdBy, list.createdAt)?.name ?? 'a deleted account',
  };
}

const settingsForm = declareForm<Opened, { name: string; unit: Scope }>({
  pattern: adminPatterns.list,
  may: 'lists.change',
  about: 'list',
  groups: ({ units }, _texts, ask) => [
    {
      fields: [
        { kind: 'text', name: 'name', label: 'Name', isRequired: true, most: 100 },
        ...reachFields(units, ask),
      ],
    },
  ],
  texts: ({ list }) => ({ name: list.name, ...reachTexts(list.unitIds) }),
  version: ({ list }) => list.version,
  button: 'Save settings',
  look: 'plain',
  schema: ({ ask, subject: { units }, texts }) =>
    z.object({ name: z.string(), ...reachSchema(units, ask, texts) }),
  save: async ({ deps, ask, subject: { list }, values: { name, unit: unitIds }, version }) => {
    const saved = await changeList(deps, { ...list, version }, { name, unitIds }, ask.scope);
    if (saved === 'STALE') return 'STALE';
    if (saved !== 'SAVED') return { faults: faultsOfList(saved.faults, 'unit') };
    await audit(deps, ask, list, 'name or business units');
    return { to: adminPaths.list(list._id), said: 'saved' };
  },
});

async function audit(deps: Deps, ask: Ask, list: List, detail: string): Promise<void> {
  await auditBy(deps, ask, listAudit(list, detail));
}

async function filterPanel(deps: Deps, ask: Ask, opened: Opened): Promise<Panel> {
  const { list, filter, isDraft, context, count, edited } = opened;
  const mayChange = mayRole(ask.user.role, 'lists.change');
  const shown = await shownFilter(deps, ask, {
    ...{ view: { ...wholeIndex, filter }, context, page: pageOf(list._id), mayEdit: mayChange },
    ...(edited ? { edited } : {}),
  });
  const words = describeFilter(filter, context);
  const isCounted = count.count > 0 || !count.isCapped;
  const when = momentOf(deps.clock(), ask.zone);
  const hidden = [
    { name: 'filter', value: JSON.stringify(filter) },
    { name: 'version', value: String(list.version) },
  ];
  return {
    heading: 'Who is on this list',
    ...(isDraft ? { state: { tone: 'wait', words: 'Not saved yet' } } : {}),
    ...(words.length === 0
      ? { sentences: ['The filter has no condition yet, so no contact is on this list.'] }
      : mayChange
        ? {}
        : { sentences: [`Contacts that match: ${words.join(', ')}.`] }),
    ...(mayChange ? { filter: shown.filter } : {}),
    said: {
      ...(isCounted ? { strong: `${figure(count.count)}${count.isCapped ? '+' : ''}` } : {}),
      text: isCounted
        ? `${count.count === 1 && !count.isCapped ? 'contact matches' : 'contacts match'}, counted on ${when}.`
        : 'The contacts were not counted: the filter takes too long.',
      href: contactsHref({ ...wholeIndex, filter: isDraft ? filter : membersOf(list._id) }),
      link: 'See them',
    },
    // One button at a time: the editor has its own.
    ...(isDraft ? {} : enrolLink(ask, list)),
    ...(isDraft && mayChange && !shown.isEditing
      ? { form: actView(adminPaths.listFilters(list._id), 'Save list', hidden, 'main') }
      : {}),
  };
}

function membersPanel(ask: Ask, opened: Opened): Panel {
  const { list, count } = opened;
  return {
    heading: 'Members',
    said: {
      strong: `${figure(count.count)}${count.isCapped ? '+' : ''}`,
      text: count.count === 1 ? 'contact is on this list.' : 'contacts are on this list.',
      href: contactsHref({ ...wholeIndex, filter: membersOf(list._id) }),
      link: 'See them',
    },
    ...(mayRole(ask.user.role, 'lists.change') && {
      ways: [
        {
          ...{ href: adminPaths.contacts(), label: 'Add contacts' },
          hint: 'Choose many in the index, then “More” and “Add to list”. Or open one record, then “Lists”.',
        },
        {
          ...{
            href: contactsHref({ ...wholeIndex, filter: membersOf(list._id) }),
            label: 'Remove contacts',
          },
          hint: 'Choose them among the members, then “More” and “Remove from list”.',
        },
      ],
    }),
    ...enrolLink(ask, list),
  };
}

const page: FormPage<Opened> = {
  may: 'contacts.read',
  section: 'lists',
  sayings,
  load: openList,
  show: async ({ deps, ask, subject }, form) => {
    const { list, uses, by, context } = subject;
    const mayChange = mayRole(ask.user.role, 'lists.change');
    const first = list.kind === 'ACTIVE' ? await filterPanel(deps, ask, subject) : membersPanel(ask, subject);
    const deletion: Panel = {
      heading: 'Delete this list',
      sentences:
        uses.length > 0
          ? ['A list in use cannot be deleted. Take it out of what uses it first.']
          : ['Its contacts stay. It cannot be undone.'],
      ...(uses.length > 0
        ? {}
        : { form: actView(adminPaths.listDeletions(list._id), 'Delete list', [], 'stop') }),
    };
    return {
      title: list.name,
      crumbs: [listsCrumb],
      lead: `${kindWords[list.kind].label} list of ${unitsOfList(list, context.catalogue)}. Made by ${by} on ${dayOf(list.createdAt, ask.zone)}.`,
      panels: [
        first,
        usesPanel(subject.uses, context),
        ...(mayChange ? [{ heading: 'Settings', form: form(settingsForm) }, deletion] : []),
      ],
    };
  },
  forms: [settingsForm],
};

export function listRecordRoutes(deps: Deps): StaffRoute[] {
  const rule = { method: 'POST', about: 'list' } as const;
  const showAgain = async (ask: Ask, response: Response) =>
    void response.send(await htmlOf(deps, ask, page, await openList(deps, ask)));
  return [
    ...formRoutes(deps, page),
    {
      ...{ ...rule, path: adminPatterns.listConditions, may: 'lists.change', showAgain },
      handle: async (ask, response) => {
        const opened = await openList(deps, ask);
        const { list, filter, context } = opened;
        const about = { view: { ...wholeIndex, filter }, context, page: pageOf(list._id) };
        await takeCondition(ask, response, about, (faults, edited) =>
          htmlOf(deps, ask, page, { ...opened, ...(edited ? { edited } : {}) }, undefined, faults),
        );
      },
    },
    {
      ...{ ...rule, path: adminPatterns.listFilters, may: 'lists.change', showAgain },
      handle: async (ask, response) => {
        const opened = await openList(deps, ask);
        const { list, filter } = opened;
        const version = wholeOf(textOf(ask.request, 'version', 10)) ?? 0;
        const saved =
          list.kind === 'ACTIVE'
            ? await changeList(deps, { ...list, version }, { filter }, ask.scope)
            : 'STALE';
        if (saved !== 'SAVED') {
          const stale =
            'Another user changed this list in the meantime. Your filter is below. Save it again to replace theirs.';
          const faults =
            saved === 'STALE' ? [{ text: stale, href: '' }] : faultsOfList(saved.faults, 'filter');
          return void response.status(422).send(await htmlOf(deps, ask, page, opened, undefined, faults));
        }
        await audit(deps, ask, list, 'filter');
        response.redirect(303, saying(ask, adminPaths.list(list._id), 'saved'));
      },
    },
    {
      ...{ ...rule, path: adminPatterns.listDeletions, may: 'lists.change' },
      handle: async (ask, response) => {
        const { list } = await openList(deps, ask);
        const uses = await deleteList(deps, list);
        if (uses.length > 0) return response.redirect(303, saying(ask, adminPaths.list(list._id), 'used'));
        if (list.kind === 'STATIC')
          await queueJob(deps, {
            ...clearingOf(list),
            ...{ requestedBy: ask.user.id, scope: ask.scope },
          });
        await audit(deps, ask, list, `deleted: ${list.name}`);
        response.redirect(303, saying(ask, adminPaths.lists(), 'deleted'));
      },
    },
  ];
}
