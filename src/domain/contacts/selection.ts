/** Selections and views of contacts: read strictly from a URL or a form, and written back as the same query string. */
import { z } from 'zod';
import { filterSchema, noFilter, type Filter } from '../filters/filter.js';
import { filterOfFacets } from '../filters/older-facets.js';

/** Maximum length of a search, in UTF-16 units. */
const longestSearch = 200;

/** The selected contacts: all matches, or the ticked ones. Jobs of older releases stored facets instead of a filter. */
export const selectionSchema = z.preprocess(
  withFilter,
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('FILTER'),
      filter: filterSchema,
      search: z.string().max(longestSearch),
    }),
    z.strictObject({ kind: z.literal('IDS'), ids: z.array(z.string().min(1).max(40)).max(5000) }),
  ]),
);
export type Selection = z.infer<typeof selectionSchema>;

const olderSchema = z.strictObject({
  kind: z.literal('FILTER'),
  facets: z.array(z.string()),
  search: z.string(),
});

function withFilter(given: unknown): unknown {
  const older = olderSchema.safeParse(given);
  if (!older.success) return given;
  const { kind, facets, search } = older.data;
  return { kind, filter: filterOfFacets(facets), search };
}

export const contactSorts = ['name', 'email', 'added'] as const;
export type ContactSort = (typeof contactSorts)[number];
export type Direction = 'asc' | 'desc';

/** The settings of the index. The query string of a saved view holds exactly these. */
export interface ContactView {
  filter: Filter;
  search: string;
  sort: ContactSort;
  direction: Direction;
}

/** The index without any settings. */
export const wholeIndex: ContactView = { filter: noFilter, search: '', sort: 'name', direction: 'asc' };

/**
 * Reads the view from a query string: `filter`, `q`, `sort`, `dir`, and `f` of older releases (several). Unknown parameters are ignored, so an old
 * link still opens. Conditions are never ignored, since fewer conditions would match more.
 * @returns null if the filter cannot be read; there is no page for it
 */
export function viewOfQuery(query: URLSearchParams): ContactView | null {
  const filter = filterOfQuery(query);
  return (
    filter && {
      filter,
      search: (query.get('q') ?? '').trim().slice(0, longestSearch),
      sort: contactSorts.find((sort) => sort === query.get('sort')) ?? 'name',
      direction: query.get('dir') === 'desc' ? 'desc' : 'asc',
    }
  );
}

function filterOfQuery(query: URLSearchParams): Filter | null {
  const facets = query.getAll('f').filter(Boolean);
  if (facets.length > 0) return filterOfFacets([...new Set(facets)].sort());
  const text = query.get('filter');
  if (!text) return noFilter;
  try {
    return filterSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The query string of a view, without a question mark; empty for the default view. Equal views give equal strings. */
export function queryOfView({ filter, search, sort, direction }: ContactView): string {
  const query = new URLSearchParams();
  if (filter.any.length > 0) query.set('filter', JSON.stringify(filterSchema.parse(filter)));
  if (search) query.set('q', search);
  if (sort !== 'name') query.set('sort', sort);
  if (direction !== 'asc') query.set('dir', direction);
  return query.toString();
}

/** All matches of a view, for bulk work; the order does not matter. */
export function selectionOfView({ filter, search }: ContactView): Selection {
  return { kind: 'FILTER', filter, search };
}

/** Where a page of the index begins: after the last row of one, or before the first. */
export const contactCursor = z.union([
  z.strictObject({ after: z.string() }),
  z.strictObject({ before: z.string() }),
]);
export type Cursor = z.infer<typeof contactCursor>;
