/** Finding contacts: a page of the index, how many there are, and all of a selection in batches. Everything within a scope. */
import type { Document, Filter as Query } from 'mongodb';
import { cursorText } from '../../cursor.js';
import { DomainError } from '../../errors.js';
import { findContactsById, type Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { compileFilter, type CompiledFilter } from '../filters/compile.js';
import type { FilterContext, FilteredContact } from '../filters/condition-kind.js';
import type { Filter } from '../filters/filter.js';
import { predicateOf } from '../filters/predicate.js';
import { readFilterLists } from '../filters/stored-lists.js';
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
  type FindArguments,
} from './query.js';
import type { ContactSort, Cursor, Direction, Selection } from './selection.js';
import { searchWords } from './words.js';

export interface FindDeps {
  models: Pick<Models, 'contacts' | 'lists'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** The contacts of a request. */
export interface Wanted {
  scope: Scope;
  filter: Filter;
  search: string;
}

/** The context in which a filter is read, for a user with this scope. */
export async function filterContext(
  deps: Pick<FindDeps, 'catalogue' | 'clock'> & { models: Pick<Models, 'lists'> },
  scope: Scope,
): Promise<FilterContext> {
  const [catalogue, lists] = await reading(() =>
    Promise.all([deps.catalogue(), readFilterLists(deps.models)]),
  );
  return { catalogue, lists, scope, now: deps.clock() };
}

/** A contact as the index shows it. */
export type ContactRow = Omit<Contact, 'words'>;

export interface ContactsPage {
  contacts: ContactRow[];
  /** For the links to the pages before and after; null if there is none. */
  next: string | null;
  previous: string | null;
  /** True for a search that found more than it shows. */
  isCutOff: boolean;
  /** The database did not find a page in time, since no index answers any condition of the filter. */
  isTooSlow?: true;
}

const noContacts: ContactsPage = { contacts: [], next: null, previous: null, isCutOff: false };

/** One page of the index. A filter with a condition outside the scope matches no contact. */
export async function findContacts(
  deps: FindDeps,
  wanted: Wanted & { sort: ContactSort; direction: Direction; cursor: Cursor | null },
): Promise<ContactsPage> {
  const compiled = await compiledFor(deps, wanted);
  if (!compiled) return noContacts;
  const found = await inTime(compiled, () =>
    rowsOf<ContactRow>(deps, pageArguments({ ...wanted, compiled })),
  );
  if (!found) return { ...noContacts, isTooSlow: true };
  const rows = found.slice(0, pageSize);
  const isMore = found.length > pageSize;
  if (isSearch(wanted)) {
    const key = sortKeys[wanted.sort];
    const sign = wanted.direction === 'asc' ? 1 : -1;
    rows.sort((a, b) => (a[key] < b[key] ? -sign : sign));
    return { contacts: rows, next: null, previous: null, isCutOff: isMore };
  }
  return { ...pageOf(rows, isMore, wanted), isCutOff: false };
}

const isSearch = ({ search }: Wanted) => searchWords(search).length > 0;

async function compiledFor(deps: FindDeps, wanted: Wanted): Promise<CompiledFilter | null> {
  const context = await filterContext(deps, wanted.scope);
  return compileFilter(wanted.filter, context, { isSearched: isSearch(wanted) });
}

/** @returns null if a filter without an index took too long */
async function inTime<T>({ mustScan }: CompiledFilter, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await reading(ask);
  } catch (error) {
    if (mustScan && error instanceof DomainError && error.code === 'DATABASE_AWAY') return null;
    throw error;
  }
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
  // A page is empty if its rows were deleted in the meantime. The way back still leads to a page.
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
  /** True if there are more than were counted: "10,000+". */
  isCapped: boolean;
}

/**
 * The number of matches, counted to 10,000, or as far as the time allows.
 * @param most milliseconds for the database
 */
export async function countContacts(deps: FindDeps, wanted: Wanted, most = maxTimeMS): Promise<ContactCount> {
  const compiled = await compiledFor(deps, wanted);
  if (!compiled) return { count: 0, isCapped: false };
  const rows = await inTime(compiled, () =>
    deps.models.contacts.collection
      .aggregate<{ count: number }>(countStages({ ...wanted, compiled }), {
        maxTimeMS: most,
      })
      .toArray(),
  );
  if (!rows) return { count: 0, isCapped: true };
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countCap), isCapped: count > countCap };
}

/** The number of contacts in a selection. Of ticked ones, those that still exist within the scope. */
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
 * The contacts that a search or a filter finds, so that a job can name them (decision 0473).
 * @returns at most `limit` ids, in no order
 */
export async function findIds(deps: FindDeps, wanted: Wanted, limit: number): Promise<string[]> {
  const compiled = await compiledFor(deps, wanted);
  if (!compiled) return [];
  const rows = await reading(() =>
    rowsOf<Pick<Contact, '_id'>>(deps, searchArguments({ ...wanted, compiled }, limit)),
  );
  return rows.map(({ _id }) => _id);
}

/** Batches of ids that one query reads. Some databases read all contacts behind a place for each query, so a query for each batch would take time with the square of the contacts. */
const batchesAhead = 8;

/**
 * All contacts of a selection by ids or by a filter, in batches and in a stable order.
 * @throws Error for a selection by a search, which has no order: the contacts that it finds are named first (`findIds`)
 * @param wanted `after` is the `after` of the last finished batch. With `until`, contacts that were added later are left out, and days such as "in
 *   the last week" are counted from then
 */
export async function* streamContactIds(
  deps: FindDeps,
  wanted: { scope: Scope; selection: Selection; after?: string | null; until?: Date; size?: number },
): AsyncGenerator<{ ids: string[]; after: string }> {
  const { scope, selection, size = 500, until = null } = wanted;
  if (selection.kind === 'IDS')
    return yield* streamGiven(deps, selection.ids, { scope, after: wanted.after ?? '', size });
  if (selection.search) throw new Error('a search is not streamed');
  const now = await filterContext(deps, scope);
  const context = until ? { ...now, now: until } : now;
  const compiled = compileFilter(selection.filter, context);
  if (!compiled) return;
  // The database would search for a whole batch for an unlimited time. So it returns all contacts of the range, and the predicate filters them.
  const { mustScan } = compiled;
  const isMatch = mustScan ? predicateOf(selection.filter, context) : () => true;
  const range = await smallestRange(deps, compiled);
  // Where the predicate filters, whole contacts are read: a batch of them at a time.
  const ahead = mustScan ? size : size * batchesAhead;
  let after = wanted.after ?? null;
  for (;;) {
    const some = batchArguments(compiled, range, { after, until, size: ahead });
    const rows = await reading(() => rowsOf<FilteredContact & Pick<Contact, '_id' | 'addedKey'>>(deps, some));
    for (let at = 0; at < rows.length; at += size) {
      const batch = rows.slice(at, at + size);
      after = batch.at(-1)?.addedKey ?? after;
      const ids = batch.filter(isMatch).map(({ _id }) => _id);
      if (ids.length > 0 && after !== null) yield { ids, after };
    }
    if (rows.length < ahead) return;
  }
}

/** The range with the fewest contacts, counted to the maximum, so that a rare facet makes a short job. */
async function smallestRange({ models }: FindDeps, { ranges }: CompiledFilter): Promise<Query<Document>> {
  const [first = {}, ...others] = ranges;
  if (others.length === 0) return first;
  const limits = { limit: countCap, maxTimeMS };
  const counts = await reading(() =>
    Promise.all(ranges.map((range) => models.contacts.collection.countDocuments(range, limits))),
  );
  return ranges[counts.indexOf(Math.min(...counts))] ?? first;
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

async function rowsOf<Row extends Document>(
  { models }: FindDeps,
  { filter, options }: FindArguments,
): Promise<Row[]> {
  return models.contacts.collection.find<Row>(filter, options).toArray();
}
