/** Imports: one document each, from the upload of the file to its result, and the undo of an import. */
import { Schema, trusted, type Model } from 'mongoose';
import type { Encoding } from '../csv/encoding.js';
import type { TimeAndId } from '../cursor.js';
import type { PropertyDefinition } from '../vocabulary/properties.js';
import type { Scope } from '../vocabulary/scope.js';
import type { Channel } from '../vocabulary/terms.js';
import type { ContactChoice, ContactCounts } from './contact-import.js';
import { isDuplicateKey } from './database-fault.js';
import { olderThan } from './older-than.js';
import type { FetchedList, SourceMode } from './source.js';

/** `UNDO` removes the entries of another import, and `UNDO_CONTACTS` the contacts that one created; they have no file. */
export const importKinds = ['OPT_OUTS', 'CONTACTS', 'UNDO', 'UNDO_CONTACTS'] as const;
export type ImportKind = (typeof importKinds)[number];

/**
 * `CHOOSING`: the file is stored. `CHECKED`: its addresses are counted, and it waits for the typed number. `REFUSED`: it
 * cannot be imported with this choice; `fault` says why.
 */
export const importStates = ['CHOOSING', 'CHECKING', 'CHECKED', 'REFUSED', 'RUNNING', 'DONE'] as const;
export type ImportState = (typeof importStates)[number];

/** How the file is read. */
export interface ImportChoice {
  encoding?: Encoding;
  delimiter?: string;
  sheet?: string;
  /** The line of the column names; null for none. */
  headerLine: number | null;
  /** Index of the column with the addresses; null if none was found, and for contacts. */
  column: number | null;
  /** The country (ISO 3166-1 alpha-2) whose phone numbers may be written without their country code. */
  country: string | null;
  /** Of an import of contacts. */
  contacts?: ContactChoice;
}

/** What the check found in the file. */
export interface ImportCounts {
  /** Rows below the header. */
  rows: number;
  /** Rows with something that is not an address. They are in the file of rejected rows. */
  rejected: number;
  /** Rows of damaged structure, such as a quotation mark that is never closed, whose address counts all the same. Absent if there are none. */
  damaged?: number;
  /** The line of the first of these rows. */
  firstDamagedLine?: number;
  /** Addresses that are in the file once more. */
  duplicates: number;
  /** Different valid addresses: the number that confirms the import. */
  distinct: number;
  /** Of these: already opted out of all of the unit, addresses of the unit's contacts, and addresses that are neither. */
  optedOutBefore: number;
  contacts: number;
  unknown: number;
}

/** What the import or the undo did, by address. An undo of contacts: those that were deleted, and those that stayed since they were changed. */
export interface ImportResult {
  /** Addresses that were not opted out before; for an undo, addresses whose entry was removed. */
  changed: number;
  /** Addresses that were opted out before; for an undo, addresses without an entry. */
  unchanged: number;
  /** For a source that mirrors its list: addresses that left it, and whose entry was removed. */
  removed?: number;
  /** For a source: addresses that it listed before, and whose contact has opted in since. They stay opted in. */
  optedIn?: number;
}

/** The scheduled source whose run an import is, as it was when the list was fetched; or whose opt-outs an undo removes. */
export interface ImportSource {
  id: string;
  version: number;
  mode: SourceMode;
  fetched: FetchedList | null;
  /** For the undo of a whole source: the imports whose parts hold the addresses that it may have opted out. */
  lists?: string[];
}

export interface Import {
  /** Random; events name it as `import:<id>`. */
  _id: string;
  kind: ImportKind;
  state: ImportState;
  /** The business unit whose mail the addresses must not get; null for the whole account, and for contacts. */
  unitId: number | null;
  /** Of an import of contacts and its undo: the business units that it reaches; null for all of them. Only users who reach them all see it. */
  scope?: number[] | null;
  channel: Channel;
  file: { name: string; size: number } | null;
  choice: ImportChoice | null;
  /** Of an import of contacts, from its check: types of properties. They count for a property whose type is deleted before the run ends. */
  propertyTypes?: PropertyDefinition[];
  /** Raised by each change of choice, channel or unit. A confirmation names the revision that it is about. */
  revision: number;
  /** The stored file of its addresses, in the order of their ids and each once; made by the check. Absent for imports that an older release checked. */
  listed?: string;
  /** Why the file is refused: one sentence. */
  fault: string | null;
  counts: ImportCounts | null;
  result: ImportResult | null;
  /** The same for an import of contacts: what the check expects, and what the run did. */
  contactCounts?: ContactCounts | null;
  contactResult?: ContactCounts | null;
  /** For an undo, the import that it removes, or null for that of a source; for an import, the undo. */
  undoes: string | null;
  undoneBy: string | null;
  /** Absent for a list that a person uploaded. */
  source?: ImportSource;
  /** `user:<id>`, `key:<id>` or `cli` */
  by: string;
  at: Date;
  confirmedAt: Date | null;
  endedAt: Date | null;
}

export const importSchema = new Schema<Import>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    state: { type: String, required: true },
    unitId: { type: Number, default: null },
    scope: Schema.Types.Mixed,
    channel: { type: String, required: true },
    file: { type: Schema.Types.Mixed, default: null },
    choice: { type: Schema.Types.Mixed, default: null },
    propertyTypes: Schema.Types.Mixed,
    revision: { type: Number, required: true },
    listed: String,
    fault: { type: String, default: null },
    counts: { type: Schema.Types.Mixed, default: null },
    result: { type: Schema.Types.Mixed, default: null },
    contactCounts: Schema.Types.Mixed,
    contactResult: Schema.Types.Mixed,
    undoes: { type: String, default: null },
    undoneBy: { type: String, default: null },
    source: Schema.Types.Mixed,
    by: { type: String, required: true },
    at: { type: Date, required: true },
    confirmedAt: { type: Date, default: null },
    endedAt: { type: Date, default: null },
  },
  { collection: 'imports', minimize: false, versionKey: false },
);
importSchema.index({ at: -1, _id: -1 });

interface ImportModels {
  imports: Model<Import>;
}

/** Null if there is none within the scope. */
export async function findImport(
  { imports }: ImportModels,
  id: string,
  scope: Scope,
): Promise<Import | null> {
  return imports.findOne({ _id: id, ...within(scope) }).lean<Import>();
}

/**
 * The imports and undos within a scope, newest first.
 * @param query `before` is the last one of the previous page
 */
export async function findImports(
  { imports }: ImportModels,
  query: { scope: Scope; before: TimeAndId | null; limit: number },
): Promise<Import[]> {
  return imports
    .find({ ...within(query.scope), ...olderThan(query.before) })
    .sort({ at: -1, _id: -1 })
    .limit(query.limit)
    .lean<Import[]>();
}

/** Adds an import; adding it again changes nothing. */
export async function insertImport({ imports }: ImportModels, one: Import): Promise<void> {
  try {
    await imports.collection.insertOne(one as never);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/**
 * Changes an import on the condition that it is in one of these states, and still the revision that the caller knows.
 * @returns false if it is not: nothing was changed
 */
export async function updateImport(
  { imports }: ImportModels,
  { _id, revision }: Pick<Import, '_id' | 'revision'>,
  states: readonly ImportState[],
  fields: Partial<Omit<Import, '_id'>>,
): Promise<boolean> {
  const which = { _id, revision, state: trusted({ $in: [...states] }) };
  return (await imports.updateOne(which, { $set: fields })).matchedCount === 1;
}

/** An import of contacts has a scope of its own; another one belongs to its unit. */
function within(scope: Scope): object {
  if (scope === null) return {};
  const isWithin = { $and: [{ $isArray: '$scope' }, { $setIsSubset: [{ $ifNull: ['$scope', []] }, scope] }] };
  return { $expr: trusted({ $or: [{ $in: ['$unitId', scope] }, isWithin] }) };
}
