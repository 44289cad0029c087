/** The contacts of a bulk act: read from the index's form, described in words, and passed on by the next form. */
import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countSelection, filterContext, findIds } from '../../../domain/contacts/find.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import { conditionsOf, type Filter } from '../../../domain/filters/filter.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { comparedBy } from '../../../domain/filters/read-condition.js';
import { queryOfView, selectionOfView, type Selection } from '../../../domain/contacts/selection.js';
import { DomainError } from '../../../errors.js';
import type { Selected } from '../../../views/admin-bulk-pages.js';
import { viewIn } from '../contacts/filter-editor.js';
import { queryIn } from '../contacts/query.js';
import { textOf, textsOf } from '../form.js';
import type { Ask } from '../route.js';
import { counted, figure } from '../../../vocabulary/words.js';

/** Maximum number of contacts that a job names one by one; a search can find as many. */
const mostNamed = 5000;

export interface Picked {
  selection: Selection;
  selected: Selected;
  /** "Send to 3 contacts" */
  many: string;
}

/** @returns null if no contact was picked, or none of them exists any more */
export async function pickedIn(deps: Deps, ask: Ask): Promise<Picked | null> {
  const asked = fieldsOf(ask.request);
  const view = viewIn(new URLSearchParams(asked.selection));
  const query = queryOfView(view);
  const selection: Selection = asked.isAll ? selectionOfView(view) : { kind: 'IDS', ids: asked.ids };
  const { count, isCapped } = await countSelection(deps, ask.scope, selection);
  if (count === 0 && !isCapped) return null;
  const many = !isCapped
    ? counted(count, 'contact')
    : count === 0
      ? 'contacts'
      : `${figure(count)}+ contacts`;
  const context = await filterContext(deps, ask.scope);
  return {
    selection,
    many,
    selected: {
      whom: asked.isAll && count !== 1 ? `all ${many}` : many,
      filters: asked.isAll
        ? [...(view.search ? [`“${view.search}”`] : []), ...describeFilter(view.filter, context)]
        : [],
      isAll: asked.isAll,
      fields: [
        { name: 'selection', value: query },
        ...(asked.isAll
          ? [{ name: 'all', value: 'yes' }]
          : asked.ids.map((value) => ({ name: 'contact', value }))),
      ],
      backHref: adminPaths.contacts(query),
    },
  };
}

function fieldsOf(request: Request): { selection: string; isAll: boolean; ids: string[] } {
  if (request.method !== 'POST') {
    const query = queryIn(request);
    return {
      selection: query.get('selection') ?? '',
      isAll: query.get('all') === 'yes',
      ids: query.getAll('contact').slice(0, mostNamed),
    };
  }
  return {
    selection: textOf(request, 'selection', 8000),
    isAll: textOf(request, 'all', 10) === 'yes',
    ids: textsOf(request, 'contact', mostNamed),
  };
}

/**
 * The selection as a job stores it. A search, and a condition on a name or an address, may contain an address, which a job never stores. So the job
 * stores the ids of the found contacts.
 * @returns null if there are too many
 */
export async function selectionForJob(deps: Deps, ask: Ask, selection: Selection): Promise<Selection | null> {
  if (selection.kind === 'IDS') return selection;
  const { filter, search } = selection;
  if (!search && !isPersonal(filter, await filterContext(deps, ask.scope))) return selection;
  const ids = await findIds(deps, { filter, search, scope: ask.scope }, mostNamed + 1);
  return ids.length > mostNamed ? null : { kind: 'IDS', ids };
}

function isPersonal(filter: Filter, context: FilterContext): boolean {
  return conditionsOf(filter).some(({ condition }) => comparedBy(condition, context)?.isPersonal);
}

/** Names the job of a form, so that a double click makes one job. */
export function newNonce(): string {
  return randomBytes(12).toString('base64url');
}

/**
 * The job's key, bound to this user, so that a form never answers with another user's job.
 * @throws DomainError `INVALID_FORM` for a nonce that the portal did not make
 */
export function jobIdOf({ request, user }: Ask): string {
  const nonce = textOf(request, 'nonce', 40);
  if (!/^[\w-]{16}$/.test(nonce)) throw new DomainError('INVALID_FORM');
  return `${user.id}-${nonce}`;
}
