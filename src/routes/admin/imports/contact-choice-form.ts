/** Reads the form that says what each column of a contact import is. New properties get their types once the choice is saved. */
import { oneLine } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import { defineProperties, mostDefinitions } from '../../../domain/catalogue/properties.js';
import { faultsOfContactChoice, type Known } from '../../../domain/imports/contact-choice.js';
import { offeredTargets } from '../../../domain/imports/contact-columns.js';
import type { ListColumn, ListGuess } from '../../../list-files/contract.js';
import { decimalMarks, type ColumnTarget, type ContactChoice } from '../../../models/contact-import.js';
import { propertyName } from '../../../models/contact-property.js';
import { readPropertyDefinitions } from '../../../models/setting.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { ValueKind } from '../../../vocabulary/properties.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { auditBy } from '../audit-by.js';
import { textOf, textsOf, wholeOf, type FieldFault } from '../form.js';
import { linesOf, type Texts } from '../kit/fields.js';
import type { Ask } from '../route.js';
import { kindNames } from '../settings/properties.js';

/** The choices of a new property. One with choices is made in the settings. */
export const newKinds = (['TEXT', 'NUMBER', 'DATE', 'YES_NO'] as const).map((kind) => ({
  kind,
  value: `new:${kind}`,
  label: `New property: ${kindNames[kind].toLowerCase()}`,
}));

/** Only users who may change the settings give a property a type. Everyone else can make texts. */
export function mayDefine({ user, scope }: Ask): boolean {
  return scope === null && mayRole(user.role, 'settings.change');
}

/** The name that a new property gets from its column, as far as properties can have such names. */
function proposedName(column: ListColumn): string {
  const plain = column.name.replace(/[^\p{L}\p{N} _-]+/gu, ' ').replace(/\s+/g, ' ');
  return plain
    .replace(/^[^\p{L}]+/u, '')
    .slice(0, 40)
    .trim();
}

/** The values of the form for a choice. */
export function textsOfChoice(choice: ContactChoice, { columns }: ListGuess, known: Known): Texts {
  const offered = new Set<string>(offeredTargets(known).map(({ to }) => to));
  const texts: Record<string, string> = {
    unitIds: choice.unitIds.join('\n'),
    processingBasis: choice.processingBasis ?? '',
    emptyClears: choice.emptyClears ? 'yes' : '',
    decimalMark: choice.decimalMark ?? '',
    ...{ dateOrder: choice.dateOrder, legalBasis: choice.legalBasis ?? '', explanation: choice.explanation },
  };
  for (const column of columns) {
    const to = choice.columns.find(({ index }) => index === column.index)?.to ?? '';
    const isNew = to.startsWith('property:') && !offered.has(to);
    texts[`column-${column.index}`] = isNew ? 'new:TEXT' : to;
    texts[`name-${column.index}`] = isNew ? to.slice('property:'.length) : proposedName(column);
  }
  return texts;
}

/** The typed values of the form. */
export function textsOfForm({ request }: Ask, { columns }: ListGuess): Texts {
  const texts: Record<string, string> = {
    unitIds: textsOf(request, 'unitIds', 1000).join('\n'),
    explanation: textOf(request, 'explanation', 20_000).replaceAll('\r\n', '\n').trim(),
  };
  const others = ['processingBasis', 'emptyClears', 'dateOrder', 'decimalMark', 'legalBasis'];
  const ofColumns = columns.flatMap(({ index }) => [`column-${index}`, `name-${index}`]);
  for (const name of [...others, ...ofColumns]) texts[name] = textOf(request, name, 400).trim();
  return texts;
}

/** A property that the form makes. */
interface NewProperty {
  index: number;
  name: string;
  kind: ValueKind;
}

export interface ReadChoice {
  choice: ContactChoice;
  news: NewProperty[];
  faults: FieldFault[];
}

/** Reads the typed values. */
export function readChoice(ask: Ask, texts: Texts, guess: ListGuess, known: Known): ReadChoice {
  const read = readColumns(ask, texts, guess, known);
  const choice: ContactChoice = {
    columns: read.columns,
    unitIds: linesOf(texts['unitIds'] ?? '').map((text) => wholeOf(text) ?? -1),
    processingBasis: legalBases.find((basis) => basis === texts['processingBasis']) ?? null,
    emptyClears: texts['emptyClears'] === 'yes',
    dateOrder: texts['dateOrder'] === 'MDY' ? 'MDY' : 'DMY',
    decimalMark: decimalMarks.find((mark) => mark === texts['decimalMark']) ?? null,
    legalBasis: legalBases.find((basis) => basis === texts['legalBasis']) ?? null,
    explanation: texts['explanation'] ?? '',
  };
  const first = `#column-${guess.columns[0]?.index ?? 0}`;
  const general = faultsOfContactChoice(choice, guess, known)
    // A fault of one column says more.
    .filter(({ field }) => field !== 'columns' || read.faults.length === 0)
    .map(({ field, message }) => ({ href: field === 'columns' ? first : `#${field}`, text: message }));
  const why: FieldFault[] = [];
  if (read.columns.some(({ to }) => to.startsWith('subscription:'))) {
    if (!choice.legalBasis)
      why.push({
        href: '#legalBasis',
        text: 'Choose the legal basis for communicating with these contacts.',
      });
    if (!choice.explanation)
      why.push({ href: '#explanation', text: 'Say how these contacts gave their consent.' });
  }
  return { choice, news: read.news, faults: [...read.faults, ...why, ...general] };
}

function readColumns(ask: Ask, texts: Texts, guess: ListGuess, known: Known) {
  const offered = new Map<string, ColumnTarget>(offeredTargets(known).map(({ to }) => [to, to]));
  const columns: ContactChoice['columns'] = [];
  const news: NewProperty[] = [];
  const faults: FieldFault[] = [];
  for (const { index, name: header } of guess.columns) {
    const chosen = texts[`column-${index}`] ?? '';
    if (!chosen) continue;
    const made = newKinds.find(({ value }) => value === chosen);
    const name = oneLine(texts[`name-${index}`] ?? '');
    const to = made ? (`property:${name}` as const) : offered.get(chosen);
    const twin = columns.find((one) => one.to.toLowerCase() === to?.toLowerCase());
    const fault = (field: 'column' | 'name', text: string) =>
      faults.push({ href: `#${field}-${index}`, text });
    if (!to || (made && made.kind !== 'TEXT' && !mayDefine(ask)))
      fault('column', `Choose what “${header}” is, among the values in the list.`);
    else if (made && !propertyName.test(name))
      fault(
        'name',
        'A new property begins with a letter and has at most 40 letters, digits, spaces or dashes.',
      );
    else if (made && known.properties.some((one) => one.toLowerCase() === name.toLowerCase()))
      fault('name', `The property “${name}” exists already: choose it in the list, or enter another name.`);
    else if (twin) {
      const other = guess.columns.find((one) => one.index === twin.index)?.name ?? '';
      fault('column', `“${header}” and “${other}” go to the same place: choose another one for one of them.`);
    } else {
      if (made) news.push({ index, name, kind: made.kind });
      columns.push({ index, to });
    }
  }
  return { columns, news, faults };
}

/**
 * Gives new properties their types: all of them, or none. A text needs none.
 * @returns the fault, if any
 */
export async function defineNew(
  deps: Deps,
  ask: Ask,
  news: readonly NewProperty[],
): Promise<FieldFault | null> {
  const typed = news.filter(({ kind }) => kind !== 'TEXT');
  if (typed.length === 0) return null;
  const { version } = await readPropertyDefinitions(deps.models.settings);
  const definitions = typed.map(({ name, kind }) => ({ name, kind, choices: [] }));
  const saved = await defineProperties(deps, version, definitions);
  const href = `#column-${typed[0]?.index ?? 0}`;
  if (saved === 'TOO_MANY')
    return { href, text: `At most ${mostDefinitions} properties have a type: choose texts instead.` };
  if (saved === 'STALE')
    return { href, text: 'Another user changed the properties meanwhile. Send the form again.' };
  for (const { name, kind } of typed)
    await auditBy(deps, ask, {
      ...{ kind: 'SETTINGS_CHANGED', about: 'account', detail: `property ${name}: ${kindNames[kind]}` },
    });
  return null;
}
