/** Searches contacts by several filters, in any order, with a page that begins at a number of rows. For the API; staff pages use `find.ts`. */
import type { Document, Filter as Query } from 'mongodb';
import type { Contact } from '../../models/contact.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import { compileFilter } from '../filters/compile.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { allOf, noFilter, type Condition } from '../filters/filter.js';
import { filterContext, type FindDeps } from './find.js';
import { countCap, maxTimeMS } from './query.js';
import { searchWords } from './words.js';

/** Conditions of filters, and queries on fields that no condition compares exactly, such as moments. */
export interface SearchGroup {
  conditions: readonly Condition[];
  also: readonly Query<Document>[];
}

export interface ContactSearch {
  scope: Scope;
  /** A contact matches all of one of these. Without groups, all contacts match. */
  groups: readonly SearchGroup[];
  /** Beginnings of words, as in the search of the index. */
  search: string;
  sort: Readonly<Record<string, 1 | -1>>;
  skip: number;
  limit: number;
  /** Whether to count the matches, which takes time. */
  hasTotal: boolean;
}

/**
 * Searches.
 * @returns the page, and the number of matches, counted to 10,000 (0 if they are not counted)
 * @throws DomainError `DATABASE_AWAY` also if it takes too long, since no index answers the filters
 */
export async function searchContacts(
  deps: FindDeps,
  wanted: ContactSearch,
): Promise<{ contacts: Contact[]; total: number }> {
  const context = await filterContext(deps, wanted.scope);
  const query = queryOf(wanted, context);
  if (!query) return { contacts: [], total: 0 };
  const { collection } = deps.models.contacts;
  const { sort, skip, limit, hasTotal } = wanted;
  const [contacts, total] = await reading(() =>
    Promise.all([
      limit === 0
        ? []
        : collection
            .find<Contact & Document>(query, {
              projection: { words: 0 },
              sort,
              skip,
              limit,
              maxTimeMS,
              allowDiskUse: true,
            })
            .toArray(),
      hasTotal ? collection.countDocuments(query, { limit: countCap, maxTimeMS }) : 0,
    ]),
  );
  return { contacts, total };
}

function queryOf({ groups, search }: ContactSearch, context: FilterContext): Query<Document> | null {
  const words = searchWords(search).map((word) => ({
    words: { $elemMatch: { $gte: word, $lt: `${word}\u{10ffff}` } },
  }));
  const all = groups.length === 0 ? [{ conditions: [], also: [] }] : groups;
  const queries = all.flatMap(({ conditions, also }) => {
    const compiled = compileFilter(conditions.length > 0 ? allOf(conditions) : noFilter, context);
    return compiled ? [{ $and: [compiled.query, ...also, ...words] }] : [];
  });
  const [only, ...others] = queries;
  return only && others.length > 0 ? { $or: queries } : (only ?? null);
}
