/** The contacts of a bulk act: read from the index's form, described in words, and passed on by the next form. */
import type { Request } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countSelection, filterContext } from '../../../domain/contacts/find.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import { mostNamed } from '../../../domain/contacts/selection-for-job.js';
import { queryOfView, selectionOfView, type Selection } from '../../../domain/contacts/selection.js';
import { queryIn, viewIn } from '../contacts/filter-links.js';
import { saying } from '../frame.js';
import { textOf, textsOf, type FieldFault } from '../form.js';
import { nonceField } from '../jobs/queue.js';
import type { Ask } from '../route.js';
import { counted, figure } from '../../../vocabulary/words.js';

export interface Picked {
  selection: Selection;
  /** True if no contact was picked, or none of them exists any more. */
  isNone: boolean;
  /** All matches, not only the ticked ones. */
  isAll: boolean;
  /** "3 contacts" */
  many: string;
  /** "3 contacts", "all 1,240 contacts" */
  whom: string;
  /** Filters in words; empty for ticked contacts. */
  filters: string[];
  /** Hidden fields of the next form: the selection, and the nonce of its job. */
  fields: { name: string; value: string }[];
  backHref: string;
}

export const tooMany: FieldFault = {
  text: 'This search finds more than 5,000 contacts. Use filters instead, or type more of the name.',
  href: '',
};

/** The contacts that the index or a bulk form names. */
export async function pickedIn(deps: Deps, ask: Ask): Promise<Picked> {
  const asked = fieldsOf(ask.request);
  const view = viewIn(new URLSearchParams(asked.selection));
  const query = queryOfView(view);
  const selection: Selection = asked.isAll ? selectionOfView(view) : { kind: 'IDS', ids: asked.ids };
  const { count, isCapped } = await countSelection(deps, ask.scope, selection);
  const many = !isCapped
    ? counted(count, 'contact')
    : count === 0
      ? 'contacts'
      : `${figure(count)}+ contacts`;
  const context = await filterContext(deps, ask.scope);
  return {
    selection,
    isNone: count === 0 && !isCapped,
    isAll: asked.isAll,
    many,
    whom: asked.isAll && count !== 1 ? `all ${many}` : many,
    filters: asked.isAll
      ? [...(view.search ? [`“${view.search}”`] : []), ...describeFilter(view.filter, context)]
      : [],
    fields: [
      nonceField(ask),
      { name: 'selection', value: query },
      ...(asked.isAll
        ? [{ name: 'all', value: 'yes' }]
        : asked.ids.map((value) => ({ name: 'contact', value }))),
    ],
    backHref: adminPaths.contacts(query),
  };
}

/** Leads back to the same page of the index if no contact was picked: without its filter, "all that match" would be everybody. */
export function noneIn({ isNone, backHref }: Picked, ask: Ask): string | undefined {
  return isNone ? saying(ask, backHref, 'none-picked') : undefined;
}

/** For all that match: which contacts the job will find. */
export function whichSentences({ isAll, filters }: Picked): string[] {
  if (!isAll) return [];
  const which =
    filters.length > 0
      ? `All that match when you press the button: ${filters.join('; ')}.`
      : 'All contacts that exist when you press the button.';
  return [`${which} Contacts that are added later are not among them.`];
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
