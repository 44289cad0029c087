/** Selections and views of contacts: what a URL or a form carries, read strictly, and written back as the same query string. */
import { z } from 'zod';

/** Longest search and longest facet that are taken, in UTF-16 units; most facets at once. */
const longestSearch = 200;
const facetSchema = z.string().min(1).max(200);
const facetsSchema = z.array(facetSchema).max(20);

/** Contacts that somebody means: all that match, or those that were ticked. */
export const selectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('FILTER'), facets: facetsSchema, search: z.string().max(longestSearch) }),
  z.strictObject({ kind: z.literal('IDS'), ids: z.array(z.string().min(1).max(40)).max(5000) }),
]);
export type Selection = z.infer<typeof selectionSchema>;

export const contactSorts = ['name', 'email', 'added'] as const;
export type ContactSort = (typeof contactSorts)[number];
export type Direction = 'asc' | 'desc';

/** What the index shows: the query string of a saved view holds no more and no less. */
export interface ContactView {
  facets: string[];
  search: string;
  sort: ContactSort;
  direction: Direction;
}

/**
 * Reads the view out of a query string: `f` (several), `q`, `sort`, `dir`. What it does not know is left out, so an old link still opens;
 * facets are never left out, since fewer would match more.
 * @returns null where the facets cannot be read, for which there is no page
 */
export function viewOfQuery(query: URLSearchParams): ContactView | null {
  const facets = facetsSchema.safeParse([...new Set(query.getAll('f').filter(Boolean))].sort());
  if (!facets.success) return null;
  return {
    facets: facets.data,
    search: (query.get('q') ?? '').trim().slice(0, longestSearch),
    sort: contactSorts.find((sort) => sort === query.get('sort')) ?? 'name',
    direction: query.get('dir') === 'desc' ? 'desc' : 'asc',
  };
}

/** The query string of a view, without a question mark; empty for the index as it opens. The same view gives the same string. */
export function queryOfView(view: ContactView): string {
  const query = new URLSearchParams();
  for (const one of [...new Set(view.facets)].sort()) query.append('f', one);
  if (view.search) query.set('q', view.search);
  if (view.sort !== 'name') query.set('sort', view.sort);
  if (view.direction !== 'asc') query.set('dir', view.direction);
  return query.toString();
}

/** All that a view matches, for work in bulk; its order does not matter to that. */
export function selectionOfView({ facets, search }: ContactView): Selection {
  return { kind: 'FILTER', facets, search };
}

/** Where a page of the index begins: after the last row of one, or before the first. */
export type Cursor = { after: string } | { before: string };

/** A cursor for a URL. */
export function cursorText(cursor: Cursor): string {
  const [way, key] = 'after' in cursor ? ['a', cursor.after] : ['b', cursor.before];
  return `${way}${Buffer.from(key, 'utf8').toString('base64url')}`;
}

/** @returns null for anything that is not a cursor, which shows the first page */
export function cursorOf(text: string | null | undefined): Cursor | null {
  const [, way, encoded] = /^([ab])([\w-]{1,1000})$/.exec(text ?? '') ?? [];
  if (!way || !encoded) return null;
  const key = Buffer.from(encoded, 'base64url').toString('utf8');
  return way === 'a' ? { after: key } : { before: key };
}
