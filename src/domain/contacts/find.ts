/** Finding contacts: a page of the index, how many there are, and all of a selection in batches. Everything within a scope. */
import type { Document } from 'mongodb';
import { findContactsById } from '../../models/contact.js';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { areFacetsVisible } from './filters.js';
import {
  batchArguments,
  countCap,
  countStages,
  isBefore,
  maxTimeMS,
  pageArguments,
  pageSize,
  searchArguments,
  sortKeys,
} from './query.js';
import type { FindArguments, Matching } from './query.js';
import { cursorText } from './selection.js';
import type { ContactSort, Cursor, Direction, Selection } from './selection.js';
import { searchWords } from './words.js';

export interface FindDeps {
  models: Pick<Models, 'contacts'>;
  catalogue: () => Promise<Catalogue>;
}

/** A contact as the index shows it. */
export type ContactRow = Omit<Contact, 'words'>;

export interface ContactsPage {
  contacts: ContactRow[];
  /** For the links to the pages before and after; null where there is none. */
  next: string | null;
  previous: string | null;
  /** True for a search that found more than it shows. */
  isCutOff: boolean;
}

/** One page of the index. A facet that the scope does not reach matches nothing. */
export async function findContacts(
  deps: FindDeps,
  wanted: Matching & { sort: ContactSort; direction: Direction; cursor: Cursor | null },
): Promise<ContactsPage> {
  if (!(await isReached(deps, wanted))) return { contacts: [], next: null, previous: null, isCutOff: false };
  const found = await reading(() => rowsOf<ContactRow>(deps, pageArguments(wanted)));
  const rows = found.slice(0, pageSize);
  const isMore = found.length > pageSize;
  if (searchWords(wanted.search).length > 0) {
    const key = sortKeys[wanted.sort];
    const sign = wanted.direction === 'asc' ? 1 : -1;
    rows.sort((a, b) => (a[key] < b[key] ? -sign : sign));
    return { contacts: rows, next: null, previous: null, isCutOff: isMore };
  }
  return { ...pageOf(rows, isMore, wanted), isCutOff: false };
}

function pageOf(
  rows: ContactRow[],
  isMore: boolean,
  { sort, cursor }: { sort: ContactSort; cursor: Cursor | null },
): Omit<ContactsPage, 'isCutOff'> {
  const isBackwards = isBefore(cursor);
  const contacts = isBackwards ? [...rows].reverse() : rows;
  const [first, last] = [contacts[0], contacts[contacts.length - 1]];
  const key = sortKeys[sort];
  const after = last ? cursorText({ after: last[key] }) : null;
  // An empty page is reached where its rows went meanwhile: the way back still leads somewhere.
  const before = first ? cursorText({ before: first[key] }) : cursor ? cursorText(turned(cursor)) : null;
  return {
    contacts,
    next: isBackwards || isMore ? after : null,
    previous: (isBackwards ? isMore : cursor !== null) ? before : null,
  };
}

function turned(cursor: Cursor): Cursor {
  return 'after' in cursor ? { before: cursor.after } : { after: cursor.before };
}

export interface ContactCount {
  count: number;
  /** True where there are more than are counted: "10,000+". */
  isCapped: boolean;
}

/** How many match; counted to 10,000. */
export async function countContacts(deps: FindDeps, wanted: Matching): Promise<ContactCount> {
  if (!(await isReached(deps, wanted))) return { count: 0, isCapped: false };
  const [row] = await reading(() =>
    deps.models.contacts.collection
      .aggregate<{ count: number }>(countStages(wanted), { maxTimeMS, readConcern: { level: 'majority' } })
      .toArray(),
  );
  const count = row?.count ?? 0;
  return { count: Math.min(count, countCap), isCapped: count > countCap };
}

/** How many a selection means; of ticked ones, those that are still there within the scope. */
export async function countSelection(
  deps: FindDeps,
  scope: Scope,
  selection: Selection,
): Promise<ContactCount> {
  if (selection.kind === 'FILTER') return countContacts(deps, { ...selection, scope });
  let count = 0;
  for await (const { ids } of streamContactIds(deps, { scope, selection })) count += ids.length;
  return { count, isCapped: false };
}

/**
 * The contacts that a search finds, for naming them (decision 0473).
 * @returns their ids in no order, `limit` at most
 */
export async function findIdsBySearch(deps: FindDeps, wanted: Matching, limit: number): Promise<string[]> {
  if (!(await isReached(deps, wanted))) return [];
  const rows = await reading(() => rowsOf<Pick<Contact, '_id'>>(deps, searchArguments(wanted, limit)));
  return rows.map(({ _id }) => _id);
}

/**
 * All contacts of a selection by ids or by filters, in batches and in a stable order.
 * @throws Error for a selection by a search, which has no order: those who are found are named first (`findIdsBySearch`)
 * @param wanted `after` is that of the last batch that was dealt with, to go on behind it; with `until`, contacts that were added later stay out
 */
export async function* streamContactIds(
  deps: FindDeps,
  wanted: { scope: Scope; selection: Selection; after?: string | null; until?: Date; size?: number },
): AsyncGenerator<{ ids: string[]; after: string }> {
  const { scope, selection, size = 500, until = null } = wanted;
  if (selection.kind === 'IDS')
    yield* streamGiven(deps, selection.ids, { scope, after: wanted.after ?? '', size });
  if (selection.kind === 'FILTER' && selection.search) throw new Error('a search is not streamed');
  if (selection.kind === 'IDS' || !(await isReached(deps, { scope, facets: selection.facets }))) return;
  let after = wanted.after ?? null;
  for (;;) {
    const find = batchArguments(selection, { scope, after, until, size });
    const rows = await reading(() => rowsOf<Pick<Contact, '_id' | 'addedKey'>>(deps, find));
    const last = rows[rows.length - 1];
    if (!last) return;
    after = last.addedKey;
    yield { ids: rows.map(({ _id }) => _id), after };
    if (rows.length < size) return;
  }
}

async function* streamGiven(
  deps: FindDeps,
  given: readonly string[],
  { scope, after, size }: { scope: Scope; after: string; size: number },
): AsyncGenerator<{ ids: string[]; after: string }> {
  const ids = [...new Set(given)].filter((id) => id > after).sort();
  for (let at = 0; at < ids.length; at += size) {
    const batch = ids.slice(at, at + size);
    const found = await reading(() => findContactsById(deps.models.contacts, batch));
    const reached = new Set(
      found.filter((one) => !one.blankUntil && isAnyInScope(scope, one.unitIds)).map(({ _id }) => _id),
    );
    const last = batch[batch.length - 1];
    if (last !== undefined && reached.size > 0)
      yield { ids: batch.filter((id) => reached.has(id)), after: last };
  }
}

async function isReached(
  deps: FindDeps,
  { scope, facets }: Pick<Matching, 'scope' | 'facets'>,
): Promise<boolean> {
  return (
    scope === null || areFacetsVisible(facets, { scope, catalogue: await reading(() => deps.catalogue()) })
  );
}

async function rowsOf<Row extends Document>(
  { models }: FindDeps,
  { filter, options }: FindArguments,
): Promise<Row[]> {
  return models.contacts.collection
    .find<Row>(filter, { ...options, readConcern: { level: 'majority' } })
    .toArray();
}
