/** Reads the rows of a contact import in batches of 500: what each row says about its contact, and what is wrong with it. */
import type { CsvRow } from '../../csv/rows.js';
import type { ColumnTarget, ContactChoice } from '../../models/contact-import.js';
import type { Import } from '../../models/import.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { channels, type Catalogue, type Channel } from '../../vocabulary/terms.js';
import { addressOrNull } from '../consent/read-address.js';
import type { KnownAddress } from '../consent/merge-subscribers.js';
import type { ContactForm } from '../contacts/contact-form.js';
import { DomainError } from '../../errors.js';
import type { ImportDeps } from './contract.js';
import { storedList } from './list-file.js';
import { inspectImport } from './start.js';
import {
  isNotSpecified,
  writtenBasis,
  writtenDay,
  writtenLocale,
  writtenMarketing,
  writtenNumber,
  yesOrNo,
} from './written-values.js';

/** Rows that are read, matched and written together. Never change it: a run that was killed continues at the end of a batch. */
const batchLength = 500;

/** What a row says. */
export interface ListedContact {
  line: number;
  /** The e-mail address or phone number as it is written, for people who read the result. */
  written: string;
  /** The row's addresses in their normal form. The contact is found by the first one. */
  addresses: KnownAddress[];
  /** Fields of the contact that the row fills. Units are added to those that the contact has. */
  fields: Partial<Omit<ContactForm, 'unitIds' | 'properties'>>;
  properties: Record<string, string>;
  unitIds: number[];
  /** Marketing contact or not; undefined if the row does not say. */
  isMarketing?: boolean;
  /** By type: yes or no. */
  subscriptions: Map<number, boolean>;
  /** One sentence each. The contact of such a row is not written. */
  faults: string[];
}

/** What the rows of one import are read with. */
export interface Reading {
  choice: ContactChoice;
  catalogue: Catalogue;
  scope: Scope;
}

/** @throws DomainError `CONFLICT` without a choice of contacts */
export async function readingOf(deps: ImportDeps, one: Import): Promise<Reading> {
  const { choice, scope = null, propertyTypes = [] } = one;
  if (!choice?.contacts)
    throw new DomainError('CONFLICT', 'Nothing was chosen for the columns of this import.');
  const catalogue = await deps.catalogue();
  const checked = propertyTypes.map((type) => [type.name.toLowerCase(), type] as const);
  const properties = new Map([...checked, ...catalogue.properties]);
  const read = { ...catalogue, properties, defaultCountry: choice.country };
  return { choice: choice.contacts, catalogue: read, scope };
}

/**
 * Reads the list from behind a line.
 * @param after the last line that was done; 0 for none
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired
 */
export async function* contactRows(
  deps: ImportDeps,
  one: Import,
  reading: Reading,
  after = 0,
): AsyncGenerator<ListedContact[]> {
  const { readList } = await import('../../list-files/open-list.js');
  const { guess } = await inspectImport(deps, one);
  const width = Math.max(0, ...guess.columns.map(({ index }) => index + 1));
  const { batches } = await readList(storedList(deps, one), guess.choice);
  let waiting: CsvRow[] = [];
  const listed = (row: CsvRow) => listedContact(deps, row, width, reading);
  for await (const rows of batches) {
    for (const row of rows) if (row.line > after) waiting.push(row);
    for (; waiting.length >= batchLength; waiting = waiting.slice(batchLength))
      yield waiting.slice(0, batchLength).map(listed);
  }
  if (waiting.length > 0) yield waiting.map(listed);
}

function listedContact(deps: ImportDeps, row: CsvRow, width: number, reading: Reading): ListedContact {
  const { choice } = reading;
  const cellOf = new Map(choice.columns.map(({ index, to }) => [to, row.cells[index]?.trim() ?? '']));
  const written = cellOf.get('email') || cellOf.get('phone') || '';
  const listed: ListedContact = {
    ...{ line: row.line, written: written.slice(0, 300), addresses: [], fields: {}, properties: {} },
    ...{ unitIds: [], subscriptions: new Map(), faults: [] },
  };
  // Its cells may be shifted, so not even its address is certain.
  const isShifted = row.cells.slice(width).some((cell) => cell.trim());
  if (row.fault !== undefined || isShifted)
    return { ...listed, faults: [row.fault ?? 'It has more cells than there are columns.'] };
  for (const channel of channels) {
    const text = cellOf.get(channel === 'EMAIL' ? 'email' : 'phone') ?? '';
    const address = text ? addressOrNull(channel, text, reading.catalogue) : null;
    if (address)
      listed.addresses.push({ channel, address, subscriberId: deps.subscriberIds(channel, address) });
  }
  for (const [to, cell] of cellOf) if (cell || choice.emptyClears) readCell(listed, to, cell, reading);
  return listed;
}

/** Adds what one cell says, or its fault. Addresses, names and properties are judged with the contact. */
function readCell(listed: ListedContact, to: ColumnTarget, cell: string, reading: Reading): void {
  const { fields, faults } = listed;
  if (to.startsWith('property:')) {
    const name = to.slice('property:'.length);
    const value = writtenProperty(name, cell, reading);
    if (value === null)
      faults.push(`“${short(cell)}” can be read in two ways: choose the decimal mark of the numbers.`);
    else listed.properties[name] = value;
  } else if (to.startsWith('subscription:')) {
    const isYes = yesOrNo(cell);
    if (isYes !== undefined) listed.subscriptions.set(Number(to.slice('subscription:'.length)), isYes);
    else if (cell && !isNotSpecified(cell)) faults.push(`“${short(cell)}” is neither yes nor no.`);
  } else if (to === 'units') {
    for (const name of namesIn(cell, reading)) {
      const id = unitNamed(name, reading);
      if (id === undefined) faults.push(`The business unit “${short(name)}” does not exist.`);
      else listed.unitIds.push(id);
    }
  } else if (to === 'marketing') {
    const isYes = writtenMarketing(cell);
    if (isYes !== undefined) listed.isMarketing = isYes;
    else if (cell) faults.push(`“${short(cell)}” is neither marketing nor non-marketing.`);
  } else if (to === 'locale') {
    const locale = writtenLocale(cell);
    if (cell && !locale) faults.push(`“${short(cell)}” is not one of the languages of the pages.`);
    fields.locale = locale ?? '';
  } else if (to === 'processingBasis') {
    const basis = writtenBasis(cell);
    if (cell && !basis) faults.push(`“${short(cell)}” is not one of the legal bases.`);
    fields.processingBasis = basis ?? '';
  } else if (to === 'phone') {
    // Read here, since the country of the list may be another than that of the account.
    fields.phone = listed.addresses.find(({ channel }) => channel === 'SMS')?.address ?? cell;
  } else if (isTextField(to)) fields[to] = cell;
}

const isTextField = (to: ColumnTarget): to is 'firstName' | 'lastName' | 'email' =>
  to === 'firstName' || to === 'lastName' || to === 'email';

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** In the form that the property's type takes; a text that does not fit is refused with the contact. Null for a number that can be read in two ways. */
function writtenProperty(name: string, cell: string, { catalogue, choice }: Reading): string | null {
  switch (catalogue.properties.get(name.toLowerCase())?.kind) {
    case 'DATE':
      return writtenDay(cell, choice.dateOrder) ?? cell;
    case 'NUMBER':
      return writtenNumber(cell, choice.decimalMark ?? null);
    case 'YES_NO': {
      const isYes = yesOrNo(cell);
      return isYes === undefined ? cell : isYes ? 'yes' : 'no';
    }
    default:
      return cell;
  }
}

/** The whole cell, if it is one unit: a name may have a comma. */
function namesIn(cell: string, reading: Reading): string[] {
  if (!cell || unitNamed(cell, reading) !== undefined) return cell ? [cell] : [];
  return cell
    .split(/[;,|\n]/)
    .map((name) => name.trim())
    .filter(Boolean);
}

/** A unit within the scope, by its name or its id. */
function unitNamed(name: string, { catalogue, scope }: Reading): number | undefined {
  const wanted = name.trim().toLowerCase();
  return [...catalogue.units.values()].find(
    (unit) => isInScope(scope, unit.id) && (unit.name.toLowerCase() === wanted || String(unit.id) === wanted),
  )?.id;
}

/** The address by which a contact is found: the e-mail address, or the phone number of a row without one. */
export function keyOf({ addresses }: Pick<ListedContact, 'addresses'>): KnownAddress | undefined {
  const of = (channel: Channel) => addresses.find((one) => one.channel === channel);
  return of('EMAIL') ?? of('SMS');
}
