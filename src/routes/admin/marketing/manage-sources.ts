/** The lists and saved views that "Manage marketing contacts" offers, each with its filter. */
import type { Deps } from '../../../deps.js';
import { findSavedViews } from '../../../domain/contacts/saved-views.js';
import { viewOfQuery } from '../../../domain/contacts/selection.js';
import { listsWithin } from '../../../domain/filters/conditions/list.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { membersOf } from '../../../domain/lists/lists.js';
import { isUsable, type Source } from '../../../domain/marketing/manage.js';
import type { Ask } from '../route.js';

/** By the value of the choice: `list:<id>`, `view:<id>`. A view with a search has no filter that a job could use. */
export async function sourcesOf(deps: Deps, ask: Ask, context: FilterContext): Promise<Map<string, Source>> {
  const views = await findSavedViews(deps, { userId: ask.user.id, scope: ask.scope });
  return new Map<string, Source>([
    ...listsWithin(context).map(({ id, name }): [string, Source] => [
      `list:${id}`,
      { label: `List: ${name}`, filter: membersOf(id) },
    ]),
    ...views.flatMap(({ _id, name, query }): [string, Source][] => {
      const view = viewOfQuery(new URLSearchParams(query));
      return view && view.search === '' && isUsable(view.filter)
        ? [[`view:${_id}`, { label: `Saved view: ${name}`, filter: view.filter }]]
        : [];
    }),
  ]);
}
