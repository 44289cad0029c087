/** Adds many contacts of the index to a static list, or removes them. It queues a job. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { findLists } from '../../../domain/lists/lists.js';
import { wantedOf } from '../../../jobs/kind.js';
import { editList } from '../../../jobs/kinds/edit-list.js';
import type { List } from '../../../models/list.js';
import { noneIn, pickedIn, tooMany, whichSentences } from '../bulk/selected.js';
import type { Picked } from '../bulk/selected.js';
import { queueJobOf } from '../jobs/queue.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { StaffRoute } from '../route.js';

interface ListEdit {
  picked: Picked;
  lists: readonly List[];
}

const rule = { may: editList.permission, about: 'nothing' } as const;

const listEditForm = declareForm<ListEdit, { change: 'ADD' | 'REMOVE'; list: string }>({
  ...rule,
  pattern: adminPatterns.listEdits,
  groups: ({ lists }) => [
    {
      fields: [
        {
          kind: 'radios',
          name: 'change',
          label: 'Change',
          look: 'across',
          options: [
            { value: 'ADD', label: 'Add to the list' },
            { value: 'REMOVE', label: 'Remove from the list' },
          ],
        },
        {
          kind: 'select',
          name: 'list',
          label: 'Static list',
          isRequired: true,
          options: [
            { value: '', label: 'Choose…' },
            ...lists.map(({ _id, name }) => ({ value: _id, label: name })),
          ],
        },
      ],
    },
  ],
  texts: () => ({ change: 'ADD' }),
  hidden: ({ picked }) => picked.fields,
  button: 'Continue',
  more: ({ picked }) => ({
    button: `Edit the list with ${picked.many}`,
    cancelHref: picked.backHref,
    note: 'It starts at once, and shows how far it is.',
  }),
  schema: ({ subject: { lists } }) =>
    z.object({
      change: z.enum(['ADD', 'REMOVE'], 'Choose whether to add or to remove.'),
      list: z.string().refine((id) => lists.some(({ _id }) => _id === id), 'Choose a list.'),
    }),
  save: async ({ deps, ask, subject: { picked }, values: { change, list: listId } }) => {
    const selection = await selectionForJob(deps, ask.scope, picked.selection);
    if (!selection) return { faults: [tooMany] };
    const wanted = wantedOf(editList, { selection, listId, isRemoval: change === 'REMOVE' });
    return { to: await queueJobOf(deps, ask, wanted) };
  },
});

export function listEditRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<ListEdit>(deps, {
    pattern: adminPatterns.newListEdit,
    section: 'contacts',
    load: async (_deps, ask) => ({
      picked: await pickedIn(deps, ask),
      lists: (await findLists(deps, ask.scope)).filter(({ kind }) => kind === 'STATIC'),
    }),
    instead: ({ ask, subject }) => noneIn(subject.picked, ask),
    show: ({ subject: { picked, lists } }, form) => ({
      title: 'Edit a list',
      heading: `Which list should ${picked.whom} be added to or removed from?`,
      crumbs: [{ href: picked.backHref, text: 'Contacts' }],
      isNarrow: true,
      panels: [
        lists.length > 0
          ? { sentences: whichSentences(picked), form: form(listEditForm) }
          : {
              sentences: ['There is no static list yet. An active list chooses its members by itself.'],
              link: { href: adminPaths.newList(), text: 'New list' },
            },
      ],
    }),
    forms: [listEditForm],
  });
}
