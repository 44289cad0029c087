/** The index's filters as a form and as chips: a select for each kind, what is in use beside it, and the same query string every way. */
import { adminPaths } from '../../../admin-paths.js';
import { filterLabel } from '../../../domain/contacts/filters.js';
import type { FilterGroup } from '../../../domain/contacts/filters.js';
import { queryOfView, viewOfQuery } from '../../../domain/contacts/selection.js';
import type { ContactView } from '../../../domain/contacts/selection.js';
import { DomainError } from '../../../errors.js';
import type { AdminContactsPage } from '../../../views/admin-bulk-pages.js';

type Kind = FilterGroup['kind'];

/** The selects, each with the kinds of filters that it offers. */
const selects: readonly { id: string; label: string; any: string; kinds: readonly Kind[] }[] = [
  { id: 'by-status', label: 'Subscription', any: 'Any status', kinds: ['STATUS'] },
  {
    id: 'by-stop',
    label: 'Stopped or bounced',
    any: 'No matter',
    kinds: ['OUT_OF_ALL', 'UNDELIVERABLE'],
  },
  { id: 'by-unit', label: 'Business unit', any: 'Any unit', kinds: ['UNIT'] },
  { id: 'by-language', label: 'Language', any: 'Any language', kinds: ['LANGUAGE'] },
  { id: 'by-channel', label: 'Has an address for', any: 'Any channel', kinds: ['CHANNEL'] },
  { id: 'by-property', label: 'Property', any: 'Any value', kinds: ['PROPERTY'] },
  { id: 'by-source', label: 'Added by', any: 'Anybody', kinds: ['SOURCE'] },
];

/** Of these a contact has one alone: a second choice takes the place of the first. */
const single: readonly Kind[] = ['STATUS', 'LANGUAGE', 'PROPERTY', 'SOURCE'];

/**
 * Reads what the form, a link or a saved view asks for.
 * @throws DomainError `INVALID_FORM` for filters that cannot be read: fewer would show more
 */
export function viewIn(query: URLSearchParams, groups: readonly FilterGroup[]): ContactView {
  const view = viewOfQuery(query);
  if (!view) throw new DomainError('INVALID_FORM');
  const asked = query.getAll('f');
  const outdone = groups
    .filter(({ kind }) => single.includes(kind))
    .flatMap(({ filters }) => {
      const chosen = asked.filter((one) => filters.some(({ facet }) => facet === one));
      const last = chosen.at(-1);
      return chosen.filter((one) => one !== last);
    });
  return { ...view, facets: view.facets.filter((facet) => !outdone.includes(facet)) };
}

export function contactsHref(view: ContactView, cursor?: string): string {
  const query = queryOfView(view);
  return adminPaths.contacts([query, ...(cursor ? [`cursor=${cursor}`] : [])].filter(Boolean).join('&'));
}

/** Each select offers what is not in use yet; what is, goes along unseen and stands among the chips. */
export function filterForm(
  view: ContactView,
  groups: readonly FilterGroup[],
): Pick<AdminContactsPage, 'kept' | 'selects' | 'chips' | 'clearHref'> {
  const isFree = ({ facet }: { facet: string }) => !view.facets.includes(facet);
  return {
    kept: [
      ...view.facets.map((value) => ({ name: 'f', value })),
      ...(view.sort === 'name' ? [] : [{ name: 'sort', value: view.sort }]),
      ...(view.direction === 'asc' ? [] : [{ name: 'dir', value: view.direction }]),
    ],
    selects: selects.flatMap(({ id, label, any, kinds }) => {
      const ofIt = groups.filter(({ kind, filters }) => kinds.includes(kind) && filters.length > 0);
      if (ofIt.length === 0) return [];
      const isUsed = ofIt.some(({ filters }) => !filters.every(isFree));
      const optionsOf = ({ filters }: FilterGroup) =>
        filters
          .filter(isFree)
          .map(({ facet, label: words }) => ({ value: facet, label: words, isSelected: false }));
      // One group under the select's own name needs no heading of its own.
      const isPlain = ofIt.every(({ heading }) => heading === label);
      return [
        {
          id,
          name: 'f',
          label,
          any: isUsed ? 'Another …' : any,
          options: isPlain ? ofIt.flatMap(optionsOf) : [],
          groups: isPlain
            ? []
            : ofIt.map((group) => ({
                label: group.note ? `${group.heading} (${group.note})` : group.heading,
                options: optionsOf(group),
              })),
        },
      ];
    }),
    chips: chipsOf(view, groups),
    clearHref: contactsHref({ ...view, facets: [], search: '' }),
  };
}

function chipsOf(view: ContactView, groups: readonly FilterGroup[]): AdminContactsPage['chips'] {
  return [
    ...(view.search ? [{ label: `“${view.search}”`, href: contactsHref({ ...view, search: '' }) }] : []),
    ...view.facets.map((facet) => ({
      label: filterLabel(groups, facet),
      href: contactsHref({ ...view, facets: view.facets.filter((one) => one !== facet) }),
    })),
  ];
}
