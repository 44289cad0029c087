/** The steps before an import runs: upload, choice, check, and the typed number. */
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import type { ListColumn, ListGuess } from '../../list-files/contract.js';
import { findImport, insertImport, updateImport } from '../../models/import.js';
import type { Import, ImportChoice } from '../../models/import.js';
import { queueJob, type Lane } from '../../models/job.js';
import { deleteFile } from '../../models/stored-file.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Channel } from '../../vocabulary/terms.js';
import { catalogueWithin, requireUnit } from '../consent/catalogue.js';
import {
  completedChoice,
  faultsOfContactChoice,
  mappableOf,
  proposedContactChoice,
  type GivenContactChoice,
} from './contact-choice.js';
import { typeOfPlace } from './contact-columns.js';
import { importJobId, importJobKind, type ImportDeps, type WhichImport } from './contract.js';
import { importJob, isLive, requireImport } from './find.js';
import { keepList, storedList, storeList } from './list-file.js';
import { newId } from '../../new-id.js';

/** The states in which nothing is written yet, so that the choice may change. */
const beforeRun = ['CHOOSING', 'CHECKING', 'CHECKED', 'REFUSED'] as const;
/** A list of this many bytes takes a few seconds, so it does not wait for long jobs. */
const shortBytes = 500_000;

export interface NewImport {
  /** By default an opt-out list. An import of contacts has no unit: it reaches the scope. */
  kind?: 'OPT_OUTS' | 'CONTACTS';
  unitId: number | null;
  channel: Channel;
  /** The name of the file, without its folder. */
  name: string;
  /** `user:<id>`, `key:<id>` or `cli` */
  by: string;
  scope: Scope;
  /** Names the act, if it may be repeated after it was broken off. Absent: random. */
  id?: string;
}

/**
 * Stores the file of a new import and finds out how it is to be read. Repeating it with the same `id` replaces the file.
 * @returns the import, with the proposed choice
 * @throws DomainError `UNKNOWN_UNIT`; `INVALID_FILE` with one sentence that says what the file is and what to do; the errors of `bytes`. Then nothing
 *   is left of it.
 */
export async function startImport(
  deps: ImportDeps,
  { kind = 'OPT_OUTS', unitId, channel, name, by, scope, id: _id = newId() }: NewImport,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Import> {
  const reach = kind === 'CONTACTS' ? { unitId: null, scope: scope && [...scope] } : { unitId };
  if (kind === 'OPT_OUTS') await checkUnit(deps, scope, unitId);
  const one: Import = {
    ...{ _id, kind, state: 'CHOOSING', ...reach, channel, choice: null, revision: 1, fault: null },
    ...{
      file: { name: oneLine(name).slice(-200) || 'list', size: 0 },
      counts: null,
      result: null,
      undoes: null,
      undoneBy: null,
    },
    ...{ by, at: deps.clock(), confirmedAt: null, endedAt: null },
  };
  const size = await storeList(deps, _id, bytes);
  try {
    const stored = { ...one, file: { name: one.file?.name ?? '', size } };
    const { choice } = await inspectImport(deps, stored);
    const started = { ...stored, choice };
    await insertImport(deps.models, started);
    return started;
  } catch (error) {
    await deleteFile(deps.models, `import:${_id}`);
    throw error;
  }
}

/**
 * Reads the first rows of an import's file.
 * @param choice as the person corrected it; by default that of the import
 * @returns what was found, and the choice completed from it
 * @throws DomainError `INVALID_FILE`; `NOT_FOUND` once the file has expired
 */
export async function inspectImport(
  deps: ImportDeps,
  one: Import,
  choice: ChosenPart = one.choice ?? {},
): Promise<{ guess: ListGuess; choice: ImportChoice }> {
  // Loaded at the first import, since the reader brings libraries of its own.
  const { inspectList } = await import('../../list-files/open-list.js');
  const { column, country: chosen, contacts, ...reading } = choice;
  const country = chosen === undefined ? ((await deps.catalogue()).defaultCountry ?? null) : chosen;
  const guess = await inspectList(storedList(deps, one), reading, { country });
  if (one.kind === 'CONTACTS') {
    const proposal = proposedContactChoice(guess, await mappableOf(deps, one));
    return {
      guess,
      choice: { ...guess.choice, column: null, country, contacts: completedChoice(proposal, contacts) },
    };
  }
  const proposed = one.channel === 'EMAIL' ? guess.emailColumn : guess.phoneColumn;
  const isColumn = guess.columns.some(({ index }) => index === column);
  return {
    guess,
    choice: { ...guess.choice, column: isColumn && column != null ? column : proposed, country },
  };
}

/** A choice as far as it is made; what is absent is proposed. */
export type ChosenPart = Partial<Omit<ImportChoice, 'contacts'>> & { contacts?: GivenContactChoice };

/**
 * What staff may change before the import runs. What is absent stays; a new channel proposes its column again, and another way to read the file the
 * columns of contacts.
 */
export interface ImportChange {
  unitId?: number | null;
  channel?: Channel;
  choice?: ChosenPart;
}

/**
 * Changes unit, channel or choice. A check before it does not count any more, so the number is asked for again.
 * @returns the import with its new revision
 * @throws DomainError `NOT_FOUND`; `UNKNOWN_UNIT`; `INVALID_FILE`; `CONFLICT` if the import runs or is done
 */
export async function changeImport(
  deps: ImportDeps,
  which: WhichImport,
  change: ImportChange,
): Promise<Import> {
  const before = await requireImport(deps, which);
  if (before.source) throw changed();
  const { unitId = before.unitId, channel = before.channel } = change;
  if (before.kind === 'OPT_OUTS') await checkUnit(deps, which.scope, unitId);
  const { column: _, ...reading } = before.choice ?? {};
  const kept = channel === before.channel ? before.choice : reading;
  const asked = { ...before, unitId, channel };
  const contacts = { ...contactsKept(before, change.choice), ...change.choice?.contacts };
  const { choice } = await inspectImport(deps, asked, { ...kept, ...change.choice, contacts });
  const after: Import = {
    ...asked,
    ...{ choice, state: 'CHOOSING', revision: before.revision + 1, counts: null, fault: null },
    ...(before.kind === 'CONTACTS' ? { contactCounts: null } : {}),
  };
  if (!(await updateImport(deps.models, before, beforeRun, after))) throw changed();
  return after;
}

/** Columns have other names and places once the file is read in another way. */
function contactsKept({ choice }: Import, change: ChosenPart = {}): GivenContactChoice {
  const { columns, ...rest } = choice?.contacts ?? {};
  const isReadAnew = (['encoding', 'delimiter', 'sheet', 'headerLine'] as const).some((key) => key in change);
  return columns && !isReadAnew ? { columns, ...rest } : rest;
}

/**
 * Chooses the column with this name, or with a name like `Column 2` in a file without a header. Upper and lower case count as the same.
 * @throws DomainError `INVALID_FILE` with the names of the columns if there is none; the errors of `changeImport`
 */
export async function chooseColumn(deps: ImportDeps, which: WhichImport, name: string): Promise<Import> {
  const { guess } = await inspectImport(deps, await requireImport(deps, which));
  return changeImport(deps, which, { choice: { column: columnNamed(guess, name).index } });
}

/** @throws DomainError `INVALID_FILE` with the names of the columns if there is none with this name */
export function columnNamed({ columns }: ListGuess, name: string): ListColumn {
  const folded = (text: string) => text.trim().normalize('NFC').toLowerCase();
  const column = columns.find((one) => folded(one.name) === folded(name));
  if (column) return column;
  const names = columns.map((one) => `“${one.name}”`).join(', ');
  throw new DomainError('INVALID_FILE', `The file has no column “${name}”. It has ${names}.`);
}

/**
 * Starts the check of the current choice, which counts addresses or contacts and writes nothing. Repeating it changes nothing.
 * @throws DomainError `NOT_FOUND`; `INVALID_FILE` for a column with addresses in fewer than half of its rows; `INVALID_FORM` for a choice of contacts
 *   with a fault; `CONFLICT`
 */
export async function checkImport(deps: ImportDeps, which: WhichImport): Promise<Import> {
  const before = await requireImport(deps, which);
  if (before.state === 'CHECKED' || before.state === 'REFUSED') return before;
  const { guess, choice } = await inspectImport(deps, before);
  let propertyTypes: Import['propertyTypes'];
  if (choice.contacts) {
    const known = await mappableOf(deps, before);
    const { catalogue } = known;
    propertyTypes = choice.contacts.columns.flatMap(({ to }) => typeOfPlace(to, catalogue) ?? []);
    const [fault] = faultsOfContactChoice(choice.contacts, guess, known);
    if (fault) throw new DomainError('INVALID_FORM', fault.message);
  } else {
    const { requireColumn } = await import('../../list-files/open-list.js');
    requireColumn(guess, before.channel === 'EMAIL' ? 'EMAIL' : 'PHONE', choice.column ?? -1);
  }
  const cancelled = before.state === 'CHECKING' && !isLive(await importJob(deps, before));
  const after: Import = {
    ...before,
    ...(propertyTypes ? { propertyTypes } : {}),
    ...{ state: 'CHECKING', revision: before.revision + (cancelled ? 1 : 0) },
  };
  if (!(await updateImport(deps.models, before, ['CHOOSING', 'CHECKING'], after))) throw changed();
  await queue(deps, after);
  return after;
}

/** The number that was typed, and the revision whose counts the person saw. An import of contacts needs no number. */
export interface Confirmation {
  number?: number | undefined;
  revision: number;
}

/**
 * Starts the import. Repeating it changes nothing.
 * @throws DomainError `NOT_FOUND`; `WRONG_NUMBER` if it is not the number of different valid addresses; `CONFLICT` if file, column or unit have
 *   changed since, or the check is not done
 */
export async function confirmImport(
  deps: ImportDeps,
  which: WhichImport,
  { number, revision }: Confirmation,
): Promise<Import> {
  const before = await requireImport(deps, which);
  if (before.revision !== revision || !(before.counts ?? before.contactCounts) || before.source)
    throw changed();
  if (before.counts && before.counts.distinct !== number)
    throw new DomainError('WRONG_NUMBER', 'This is not the number of different valid addresses in the file.');
  if (before.state === 'CHECKED') await keepList(deps, before);
  const fields = { state: 'RUNNING', confirmedAt: deps.clock() } as const;
  const isConfirmed = await updateImport(deps.models, before, ['CHECKED'], fields);
  const after = isConfirmed ? { ...before, ...fields } : await findImport(deps.models, which.id, which.scope);
  if (after?.state !== 'RUNNING' && after?.state !== 'DONE') throw changed();
  if (after.state === 'RUNNING' && after.undoneBy === null) await queue(deps, after);
  return after;
}

/** Queues the run of an import in state `RUNNING`; safe to repeat. */
export async function queueImport(deps: ImportDeps, one: Import): Promise<void> {
  await queue(deps, one);
}

/** The state comes first: a request that was interrupted between the two queues the job when it is repeated. */
async function queue(deps: ImportDeps, one: Import): Promise<void> {
  const lane: Lane = (one.file?.size ?? 0) <= shortBytes ? 'SHORT' : 'LONG';
  await queueJob(deps, {
    ...{
      id: importJobId(one),
      kind: importJobKind(one),
      lane,
      input: { importId: one._id, revision: one.revision, isShort: lane === 'SHORT' },
    },
    ...requestOf(one),
  });
}

/** Whose job it is, and which users see it. */
export function requestOf({ by, unitId, scope }: Pick<Import, 'by' | 'unitId' | 'scope'>) {
  const user = by.startsWith('user:') ? { requestedBy: by.slice('user:'.length) } : {};
  return { ...user, scope: scope ?? (unitId === null ? null : [unitId]) };
}

async function checkUnit(deps: ImportDeps, scope: Scope, unitId: number | null): Promise<void> {
  if (unitId !== null) requireUnit(catalogueWithin(await deps.catalogue(), scope), unitId);
  else if (scope !== null)
    throw new DomainError('UNKNOWN_UNIT', 'This list is for some business units only.');
}

const changed = () =>
  new DomainError('CONFLICT', 'The import has changed since, or is not ready for this. Look at it again.');
