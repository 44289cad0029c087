/** The choice of a contact import: what it is at first, what may be chosen, and what is wrong with it. */
import type { ListGuess } from '../../list-files/contract.js';
import type { ContactChoice, DecimalMark } from '../../models/contact-import.js';
import { propertyName } from '../../models/contact-property.js';
import type { Import } from '../../models/import.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { findOfferedProperties } from '../contacts/properties.js';
import type { ImportDeps } from './contract.js';
import {
  guessContactColumns,
  saysWhoOptedOut,
  typeOfPlace,
  typesWithin,
  type Mappable,
} from './contact-columns.js';
import { decimalMarkOf } from './written-values.js';

/** What the columns of an import can be mapped to, and the types of properties. */
export interface Known extends Mappable {
  catalogue: Catalogue;
}

/** What the columns of an import can be mapped to. */
export async function mappableOf(deps: ImportDeps, { scope = null }: Pick<Import, 'scope'>): Promise<Known> {
  const [catalogue, offered] = await Promise.all([deps.catalogue(), findOfferedProperties(deps, scope)]);
  return { catalogue, scope, properties: offered.map(({ name }) => name) };
}

/** The proposed choice: columns by their names, and the business unit if there is only one. */
export function proposedContactChoice(guess: ListGuess, known: Known): ContactChoice {
  const units = [...known.catalogue.units.keys()].filter((id) => isInScope(known.scope, id));
  const columns = guessContactColumns(guess, known);
  const dates = guess.firstRows.flatMap(({ cells }) => cells);
  return {
    columns,
    unitIds: units.length === 1 ? units : [],
    ...{ processingBasis: null, emptyClears: false, legalBasis: null, explanation: '' },
    decimalMark: proposedDecimalMark(guess, columns, known),
    dateOrder: dates.some((cell) => /^\s*\d{1,2}\/(1[3-9]|2\d|3[01])\/\d{4}/.test(cell)) ? 'MDY' : 'DMY',
  };
}

/** From the first rows of columns that may have numbers. A workbook has its numbers with a point. */
function proposedDecimalMark(
  { format, firstRows }: ListGuess,
  columns: ContactChoice['columns'],
  { catalogue }: Known,
): DecimalMark | null {
  const isNumber = (to: string) => typeOfPlace(to, catalogue)?.kind === 'NUMBER';
  const others = new Set(columns.filter(({ to }) => !isNumber(to)).map(({ index }) => index));
  const cells = firstRows.flatMap((row) => row.cells.filter((_, index) => !others.has(index)));
  return format === 'XLSX' ? 'POINT' : decimalMarkOf(cells);
}

/** A choice as far as it is made. */
export type GivenContactChoice = { [Key in keyof ContactChoice]?: ContactChoice[Key] | undefined };

/** The proposed choice, changed as far as a choice is made. */
export function completedChoice(proposal: ContactChoice, given: GivenContactChoice = {}): ContactChoice {
  return {
    columns: given.columns ?? proposal.columns,
    unitIds: given.unitIds ?? proposal.unitIds,
    processingBasis: given.processingBasis ?? proposal.processingBasis,
    emptyClears: given.emptyClears ?? proposal.emptyClears,
    dateOrder: given.dateOrder ?? proposal.dateOrder,
    decimalMark: given.decimalMark === undefined ? (proposal.decimalMark ?? null) : given.decimalMark,
    legalBasis: given.legalBasis ?? proposal.legalBasis,
    explanation: given.explanation ?? proposal.explanation,
  };
}

/** A fault of a choice: its field, and one sentence. */
export interface ChoiceFault {
  field: keyof ContactChoice;
  message: string;
}

/** Everything that is wrong with a choice. Without faults, the import can be checked. */
export function faultsOfContactChoice(
  choice: ContactChoice,
  { columns }: Pick<ListGuess, 'columns'>,
  { catalogue, scope }: Pick<Mappable, 'catalogue' | 'scope'>,
): ChoiceFault[] {
  const targets = choice.columns.map(({ to }) => to);
  const isTwice = new Set(targets.map((to) => to.toLowerCase())).size < targets.length;
  const types = new Set(typesWithin(catalogue, scope).map(({ id }) => `subscription:${id}`));
  const isKnown = (to: string) =>
    to.startsWith('subscription:')
      ? types.has(to)
      : !to.startsWith('property:') || propertyName.test(to.slice(9));
  const inverted = choice.columns
    .filter(({ to }) => to.startsWith('subscription:'))
    .flatMap(({ index }) => columns.find((one) => one.index === index)?.name ?? [])
    .find(saysWhoOptedOut);
  const isUnit = (id: number) => catalogue.units.has(id) && isInScope(scope, id);
  const found: [boolean, ChoiceFault['field'], string][] = [
    [isTwice, 'columns', 'Two columns go to the same place: choose another one for one of them.'],
    [
      !choice.columns.every(({ index }) => columns.some((one) => one.index === index)),
      'columns',
      'The file has no such column.',
    ],
    [
      !targets.includes('email') && !targets.includes('phone'),
      'columns',
      'Choose the column with the e-mail addresses or phone numbers: contacts are found by them.',
    ],
    [
      !targets.every(isKnown),
      'columns',
      'Choose among the fields and subscription types in the list. A new property begins with a letter and has at most 40 letters, digits, spaces or dashes.',
    ],
    [
      inverted !== undefined,
      'columns',
      `“${inverted}” says who opted out, and a subscription column says who is subscribed. Do not import it here: import a file of these people alone as an opt-out list.`,
    ],
    [!choice.unitIds.every(isUnit), 'unitIds', 'Choose among the business units in the list.'],
    [
      choice.unitIds.length === 0 && !targets.includes('units'),
      'unitIds',
      'Choose at least one business unit for new contacts.',
    ],
    [choice.explanation.length > 1000, 'explanation', 'The explanation has at most 1,000 characters.'],
  ];
  return found.flatMap(([isFault, field, message]) => (isFault ? [{ field, message }] : []));
}
