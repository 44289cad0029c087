/**
 * The queries on contacts, in one place so that a benchmark can explain them. Each is one range of one index: an equality on a facet, then a range of
 * a unique sort key, in the order of the index. No page needs a sort or a skip.
 */
import type { Document, Filter as Query, FindOptions } from 'mongodb';
import type { Contact } from '../../models/contact.js';
import type { CompiledFilter } from '../filters/compile.js';
import type { ContactSort, Cursor, Direction } from './selection.js';
import { searchWords } from './words.js';

export const pageSize = 50;
/** Milliseconds after which the database stops. `reading` has told the user by then that it does not answer. */
export const maxTimeMS = 5000;
/** Maximum count, since counting takes time. */
export const countCap = 10_000;

export const sortKeys = { name: 'nameKey', email: 'emailKey', added: 'addedKey' } as const satisfies Record<
  ContactSort,
  keyof Contact
>;

/** A compiled filter, and the searched words. */
export interface Matching {
  compiled: CompiledFilter;
  search: string;
}

export interface FindArguments {
  filter: Query<Document>;
  options: FindOptions;
}

/** Which contacts match: the filter, and all the words. */
function matching({ compiled: { query }, search }: Matching): Query<Document> {
  const [first, ...others] = beginnings(searchWords(search));
  const all = [...(query.$and ?? []), ...others];
  return { ...query, ...first, ...(all.length > 0 ? { $and: all } : {}) };
}

/** A range of prefixes. With `$elemMatch`, both ends apply to the same word. */
function beginnings(words: readonly string[]): Query<Document>[] {
  return words.map((word) => ({ words: { $elemMatch: { $gte: word, $lt: `${word}\u{10ffff}` } } }));
}

/** One page: 50 rows, and one more that shows whether another page follows. A search has no order and no pages. */
export function pageArguments(
  wanted: Matching & { sort: ContactSort; direction: Direction; cursor: Cursor | null },
): FindArguments {
  const filter = matching(wanted);
  const options: FindOptions = { projection: { words: 0 }, limit: pageSize + 1, maxTimeMS };
  if (searchWords(wanted.search).length > 0) return { filter, options };
  const key = sortKeys[wanted.sort];
  const isForward = (wanted.direction === 'asc') === !isBefore(wanted.cursor);
  const range = rangeOf(wanted.cursor, isForward);
  return {
    filter: { ...filter, ...(range ? { [key]: range } : {}) },
    options: { ...options, sort: { [key]: isForward ? 1 : -1 } },
  };
}

export function isBefore(cursor: Cursor | null): cursor is { before: string } {
  return cursor !== null && 'before' in cursor;
}

function rangeOf(cursor: Cursor | null, isForward: boolean): Document | null {
  if (!cursor) return null;
  const key = 'after' in cursor ? cursor.after : cursor.before;
  return isForward ? { $gt: key } : { $lt: key };
}

/** All matches up to a limit, unordered: no index has a range of words in another order, so a sort would read all of them. */
export function searchArguments(wanted: Matching, limit: number): FindArguments {
  return { filter: matching(wanted), options: { projection: { _id: 1 }, limit, maxTimeMS } };
}

/**
 * One batch of the contacts of one range of a filter, in the order of adding. If not all of them match, with the fields that a filter compares.
 * @param of one of the filter's ranges
 */
export function batchArguments(
  { mustScan }: Pick<CompiledFilter, 'mustScan'>,
  of: CompiledFilter['ranges'][number],
  batch: { after: string | null; until: Date | null; size: number },
): FindArguments {
  const range = {
    ...(batch.after ? { $gt: batch.after } : {}),
    ...(batch.until ? { $lt: batch.until.toISOString() } : {}),
  };
  const isBounded = Object.keys(range).length > 0;
  return {
    filter: { ...of, ...(isBounded ? { addedKey: range } : {}) },
    options: {
      projection: mustScan ? { words: 0, properties: 0 } : { _id: 1, addedKey: 1 },
      sort: { addedKey: 1 },
      limit: batch.size,
      maxTimeMS,
    },
  };
}

/** Counts to the maximum plus one, which shows that there are more. */
export function countStages(wanted: Matching): Document[] {
  return [
    { $match: matching(wanted) },
    { $limit: countCap + 1 },
    { $group: { _id: null, count: { $sum: 1 } } },
  ];
}
