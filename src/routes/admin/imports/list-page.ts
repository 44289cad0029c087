/** Adds the contacts of an import to a static list: a page that asks for the list, and the act. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { startContactWork } from '../../../domain/imports/contact-work.js';
import { requireImport } from '../../../domain/imports/find.js';
import { findLists } from '../../../domain/lists/lists.js';
import { DomainError } from '../../../errors.js';
import type { Import } from '../../../models/import.js';
import type { List } from '../../../models/list.js';
import { staffRef } from '../../../vocabulary/access.js';
import { auditBy } from '../audit-by.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { importCrumbs } from './start-pages.js';

interface Listing {
  one: Import;
  lists: readonly List[];
}

const whichOf = ({ request, scope }: Ask) => ({ id: String(request.params['import']), scope });

const listingForm = declareForm<Listing, { list: string }>({
  pattern: adminPatterns.importListing,
  may: 'lists.change',
  about: 'import',
  groups: ({ lists }) => [
    {
      fields: [
        {
          ...{ kind: 'select', name: 'list', label: 'Static list', isRequired: true },
          options: [
            { value: '', label: 'Choose…' },
            ...lists.map(({ _id, name }) => ({ value: _id, label: name })),
          ],
        },
      ],
    },
  ],
  button: 'Add to the list',
  more: ({ one }) => ({ cancelHref: adminPaths.import(one._id) }),
  schema: ({ subject: { lists } }) =>
    z.object({ list: z.string().refine((id) => lists.some(({ _id }) => _id === id), 'Choose a list.') }),
  save: async ({ deps, ask, subject: { one }, values: { list: listId } }) => {
    const job = await startContactWork(deps, whichOf(ask), {
      job: 'listing',
      listId,
      by: staffRef(ask.user),
    });
    const about = `import:${one._id}`;
    await auditBy(deps, ask, {
      kind: 'IMPORT_CHANGED',
      about,
      unitId: one.unitId,
      detail: 'added to a list',
    });
    return { to: adminPaths.job(job) };
  },
});

export function importListRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Listing>(deps, {
    section: 'imports',
    load: async (_deps, ask) => {
      const one = await requireImport(deps, whichOf(ask));
      if (one.kind !== 'CONTACTS' || one.state !== 'DONE') throw new DomainError('NOT_FOUND');
      const lists = (await findLists(deps, ask.scope)).filter(({ kind }) => kind === 'STATIC');
      return { one, lists };
    },
    show: ({ subject: { one, lists } }, form) => ({
      title: 'Add the imported contacts to a list',
      crumbs: importCrumbs,
      lead: one.file?.name ?? '',
      isNarrow: true,
      panels: [
        lists.length > 0
          ? {
              sentences: [
                'All contacts of the file are added, also those that did not change. Contacts of rejected rows are not added.',
              ],
              form: form(listingForm),
            }
          : {
              sentences: ['There is no static list yet.'],
              link: { href: adminPaths.newList(), text: 'New list' },
            },
      ],
    }),
    forms: [listingForm],
  });
}
