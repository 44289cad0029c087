/** The step of a contact import in which a person says what each column of the file is. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { offeredTargets, saysWhoOptedOut } from '../../../domain/imports/contact-columns.js';
import { mappableOf, type Known } from '../../../domain/imports/contact-choice.js';
import { inspectImport } from '../../../domain/imports/start.js';
import type { ListColumn, ListGuess } from '../../../list-files/contract.js';
import type { Import } from '../../../models/import.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { FieldFault } from '../form.js';
import { groupOf, type FieldPlan, type GroupPlan, type Texts } from '../kit/fields.js';
import { pageHtml } from '../kit/form-page.js';
import { basisOptions } from '../options.js';
import type { Ask } from '../route.js';
import { mayDefine, newKinds, textsOfChoice } from './contact-choice-form.js';
import { stepsAt } from './import-words.js';
import { readingFields, readingTexts } from './reading-form.js';
import { importCrumbs, viewOf } from './start-pages.js';

/** Up to this many columns are shown in the order of the file; of more, those that are not imported are folded. */
const mostUnfolded = 12;
const shownValues = 3;
/** A sheet can have 16,384 columns, and each is a list of all that a column can be. So a page has about this many values, but at least 60 columns. */
const mostOptions = 30_000;
const mostColumns = { least: 60, most: 200 };

/**
 * @param sent the typed values and their faults
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired
 */
export async function contactColumnsPage(
  deps: Deps,
  ask: Ask,
  one: Import,
  sent: { texts?: Texts; faults?: FieldFault[] } = {},
): Promise<string> {
  const { guess, choice } = await inspectImport(deps, one);
  const known = await mappableOf(deps, one);
  const texts = sent.texts ?? (choice.contacts ? textsOfChoice(choice.contacts, guess, known) : {});
  const faults = sent.faults ?? [];
  const fields = (column: ListColumn) => columnFields(column, guess, optionGroups);
  const optionGroups = groupsOf(ask, known);
  const shown = shownColumns(guess.columns, texts, optionGroups);
  const plans = plansOf(shown, texts, faults, fields);
  const hidden = guess.columns.length - shown.length;
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'What is in each column?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}: ${figure(guess.columns.length)} columns${hidden > 0 ? `, of which ${figure(hidden)} are not shown and not imported` : ''}. Contacts are found by their email address or phone number.${optOutWords(guess.columns)}`,
      steps: stepsAt('column', one),
      isNarrow: true,
      form: viewOf({
        action: adminPaths.importChecks(one._id),
        groups: [...plans, ...morePlans(known)].map((plan) => groupOf(plan, texts, faults)),
        button: 'Continue to the review',
        note: 'Nothing changes yet.',
      }),
      panels: [
        {
          id: 'reading',
          heading: 'How the file is read',
          sentences: ['If values above look wrong, correct this first. The columns are then guessed again.'],
          form: viewOf({
            action: adminPaths.importReadings(one._id),
            groups: [groupOf({ fields: readingFields(guess, one) }, readingTexts(choice), [])],
            button: 'Read it again',
            look: 'plain',
          }),
        },
      ],
    },
    faults,
  );
}

/** Without this, people might think that an import of contacts brings the opt-outs of another system. */
function optOutWords(columns: readonly ListColumn[]): string {
  const [first, ...others] = columns.filter(({ name }) => saysWhoOptedOut(name));
  if (!first) return '';
  const names = others.length > 0 ? ` and ${counted(others.length, 'other column')}` : '';
  return ` “${first.name.slice(0, 60)}”${names} ${names ? 'say' : 'says'} who opted out. This import does not opt these people out: import a file of these people alone as an opt-out list.`;
}

type OptionGroups = NonNullable<FieldPlan['optionGroups']>;

/** What a column can be, besides "Do not import". */
function groupsOf(ask: Ask, known: Known): OptionGroups {
  const offered = offeredTargets(known);
  const groups = [...new Set(offered.map(({ group }) => group))].map((label) => ({
    ...{ label, look: '' },
    options: offered.filter(({ group }) => group === label).map(({ to, label }) => ({ value: to, label })),
  }));
  const kinds = newKinds.filter(({ value }) => value === 'new:TEXT' || mayDefine(ask));
  return [...groups, { label: 'A new property', look: '', options: kinds }];
}

/** In the order of the file. Columns that are imported are always shown. */
function shownColumns(columns: readonly ListColumn[], texts: Texts, groups: OptionGroups): ListColumn[] {
  const options = groups.reduce((sum, group) => sum + (group.options?.length ?? 0), 0);
  const room = Math.floor(mostOptions / (options + 1));
  const most = Math.max(mostColumns.least, Math.min(mostColumns.most, room));
  if (columns.length <= most) return [...columns];
  const isUsed = ({ index }: ListColumn) => Boolean(texts[`column-${index}`]);
  const used = columns.filter(isUsed);
  const others = columns.filter((column) => !isUsed(column)).slice(0, Math.max(0, most - used.length));
  return [...used, ...others].sort((a, b) => a.index - b.index);
}

/** Columns that are imported come first, if there are many. */
function plansOf(
  columns: readonly ListColumn[],
  texts: Texts,
  faults: readonly FieldFault[],
  fields: (column: ListColumn) => FieldPlan[],
): GroupPlan[] {
  const all = { legend: 'Columns of the file', fields: columns.flatMap(fields) };
  if (columns.length <= mostUnfolded) return [all];
  const isUsed = ({ index }: ListColumn) =>
    Boolean(texts[`column-${index}`]) || faults.some(({ href }) => href === `#column-${index}`);
  const others = columns.filter((column) => !isUsed(column));
  return [
    { legend: 'Columns that are imported', fields: columns.filter(isUsed).flatMap(fields) },
    {
      ...{ legend: 'Other columns', hint: `${figure(others.length)} are not imported`, isFolded: true },
      fields: others.flatMap(fields),
    },
  ].filter((plan) => plan.fields.length > 0);
}

function columnFields(
  { index, name }: ListColumn,
  guess: ListGuess,
  optionGroups: OptionGroups,
): FieldPlan[] {
  const rows = guess.firstRows.filter(({ line }) => line > (guess.choice.headerLine ?? 0));
  const values = [...new Set(rows.map(({ cells }) => cells[index]?.trim() ?? '').filter(Boolean))];
  const shown = values
    .slice(0, shownValues)
    .map((value) => (value.length > 40 ? `${value.slice(0, 39)}…` : value));
  return [
    {
      ...{ kind: 'select', name: `column-${index}`, label: name.slice(0, 100), look: 'column' },
      options: [{ value: '', label: 'Do not import' }],
      optionGroups,
      hint: shown.length > 0 ? shown.join(' · ') : 'Empty in the first rows.',
    },
    {
      ...{
        kind: 'text',
        name: `name-${index}`,
        label: `Name of the new property for “${name.slice(0, 60)}”`,
      },
      ...{ look: 'column new-name', most: 40, isAlternative: true, autocomplete: 'off' },
    },
  ];
}

function morePlans({ catalogue, scope }: Known): GroupPlan[] {
  const own = [...catalogue.units.values()].filter(({ id }) => isInScope(scope, id));
  return [
    {
      legend: 'Why may they be mailed?',
      fields: [
        {
          ...{ kind: 'select', name: 'legalBasis', label: 'Legal basis for communication', look: 'why' },
          options: basisOptions('None'),
          hint: 'For all opt-ins of the file. Each needs a basis and an explanation.',
        },
        {
          ...{ kind: 'area', name: 'explanation', label: 'Explanation of the consent' },
          ...{ most: 1000, isAlternative: true },
          hint: 'Where and when they agreed. It is kept in each contact’s history.',
        },
      ],
    },
    {
      legend: 'New contacts and existing ones',
      fields: [
        {
          ...{ kind: 'ticks', name: 'unitIds', label: 'Business units of new contacts' },
          options: own.map(({ id, name }) => ({ value: String(id), label: name })),
          hint: 'If a column has the business units, these are for rows where it is empty.',
        },
        {
          ...{ kind: 'select', name: 'processingBasis', label: 'Legal basis for processing' },
          options: basisOptions('None'),
          hint: 'For tracking and storing the data of new contacts.',
        },
        {
          ...{
            kind: 'radios',
            name: 'dateOrder',
            label: 'Days with slashes, such as 03/04/2026',
            look: 'across',
          },
          options: [
            { value: 'DMY', label: 'Day first' },
            { value: 'MDY', label: 'Month first' },
          ],
        },
        {
          ...{ kind: 'select', name: 'decimalMark', label: 'Numbers such as 1,234 and 1.234' },
          options: [
            { value: '', label: 'Reject their rows' },
            { value: 'POINT', label: 'Decimals after a point: 1,234.50' },
            { value: 'COMMA', label: 'Decimals after a comma: 1.234,50' },
          ],
          hint: 'They can be read in two ways. Other numbers are read as they are written.',
        },
        {
          ...{ kind: 'tick', name: 'emptyClears', label: 'Empty cells clear the value' },
          hint: 'Otherwise an empty cell changes nothing. Business units and subscriptions are never cleared.',
        },
      ],
    },
  ];
}
