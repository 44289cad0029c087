/** The lists of one contact: static ones to choose from, and the active ones whose filters it meets. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { filterContext } from '../../../domain/contacts/find.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { listsWithin } from '../../../domain/filters/conditions/list.js';
import { predicateOf } from '../../../domain/filters/predicate.js';
import { membersOf } from '../../../domain/lists/lists.js';
import { addToList, removeFromList } from '../../../domain/lists/members.js';
import { isAnyInScope } from '../../../vocabulary/scope.js';
import { reasonWords } from '../../../vocabulary/words.js';
import { textOf } from '../form.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf } from '../kit/list-page.js';
import type { StaffRoute } from '../route.js';
import { noteAct } from './act.js';
import { aboutRecord } from './act-page.js';
import { openContact, type ContactRecord } from './open-record.js';

interface ContactLists {
  record: ContactRecord;
  context: FilterContext;
}

/** Static lists that the contact is on, or that its business units allow. */
function offered({ record: { contact }, context }: ContactLists) {
  const { listIds = [] } = contact;
  return listsWithin(context).filter(
    ({ id, filter, unitIds }) =>
      filter === null && (listIds.includes(id) || isAnyInScope(unitIds, contact.unitIds)),
  );
}

/** Ids of the offered lists that the contact is on. */
function mine(subject: ContactLists): string[] {
  const { listIds = [] } = subject.record.contact;
  return offered(subject).flatMap(({ id }) => (listIds.includes(id) ? [id] : []));
}

const listsForm = declareForm<ContactLists, { list: string[] }>({
  pattern: adminPatterns.contactLists,
  may: 'lists.change',
  about: 'contact',
  groups: (subject) => [
    {
      fields: [
        {
          ...{ kind: 'ticks', name: 'list', label: 'Static lists' },
          options: offered(subject).map(({ id, name }) => ({ value: id, label: name })),
        },
      ],
    },
  ],
  texts: (subject) => ({ list: mine(subject).join('\n') }),
  // The page shows which lists the contact was on. Only what was changed there is applied.
  hidden: (subject) => [{ name: 'shown', value: mine(subject).join(' ') }],
  button: 'Save lists',
  more: ({ record }) => ({ cancelHref: adminPaths.contact(record.id) }),
  schema: () => z.object({ list: z.array(z.string()) }),
  save: async ({ deps, ask, subject, values: { list: wanted } }) => {
    const { record } = subject;
    const shown = textOf(ask.request, 'shown', 16_000).split(' ');
    const names: string[] = [];
    for (const { id, name, unitIds } of offered(subject)) {
      if (wanted.includes(id) === shown.includes(id)) continue;
      const change = wanted.includes(id) ? addToList : removeFromList;
      const contactIds = [record.contact._id];
      const [outcome] = await change(deps, { list: { _id: id, unitIds }, contactIds, scope: ask.scope });
      if (outcome === 'CHANGED') names.push(name);
      if (outcome && outcome !== 'CHANGED' && outcome !== 'NO_CHANGE')
        return { faults: [{ text: reasonWords(outcome), href: '#list' }] };
    }
    if (names.length > 0) await noteAct(deps, ask, record, 'CONTACT_CHANGED', { detail: 'lists' });
    return { to: adminPaths.contact(record.id), said: 'lists' };
  },
});

export function contactListRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<ContactLists>(deps, {
    may: 'contacts.read',
    section: 'contacts',
    load: async (_deps, ask) => {
      const [record, context] = await Promise.all([openContact(deps, ask), filterContext(deps, ask.scope)]);
      return { record, context };
    },
    show: ({ subject }, form) => {
      const { record, context } = subject;
      const active = listsWithin(context).filter(
        ({ id, filter }) => filter && predicateOf(membersOf(id), context)(record.contact),
      );
      const columns = [
        {
          heading: 'Active list',
          cell: ({ id, name }: { id: string; name: string }) => ({ href: adminPaths.list(id), text: name }),
        },
      ];
      return {
        ...aboutRecord(record),
        title: `Lists of ${record.name}`,
        panels: [
          { form: form(listsForm) },
          active.length > 0
            ? { heading: 'On these active lists now', table: tableOf('Active lists', columns, active) }
            : { heading: 'Active lists', sentences: ['This contact is on no active list now.'] },
        ],
      };
    },
    forms: [listsForm],
  });
}
