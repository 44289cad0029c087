/** The step in which a person checks how the file was read, and chooses the column with the addresses. */
import { adminPaths } from '../../../admin-paths.js';
import { noDelimiter } from '../../../csv/delimiter.js';
import { encodings } from '../../../csv/encoding.js';
import type { CsvRow } from '../../../csv/rows.js';
import type { Deps } from '../../../deps.js';
import { phoneCountries } from '../../../domain/consent/phone-library.js';
import { inspectImport } from '../../../domain/imports/start.js';
import type { ListGuess } from '../../../list-files/contract.js';
import { readCell } from '../../../list-files/read-cell.js';
import type { Import, ImportChoice } from '../../../models/import.js';
import { figure } from '../../../vocabulary/words.js';
import type { FieldFault } from '../form.js';
import { wholeOf } from '../form.js';
import { groupOf, type FieldPlan } from '../kit/fields.js';
import { pageHtml } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import type { Ask } from '../route.js';
import { addressesOf, stepsAt, unitWords } from './import-words.js';
import { importCrumbs, viewOf } from './start-pages.js';

/** Columns of the file that the table shows, besides the one with the addresses. */
const shownColumns = 4;

const delimiters: readonly { value: string; label: string }[] = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe' },
  { value: noDelimiter, label: 'None: each line is one cell' },
];

/** @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired */
export async function columnPage(
  deps: Deps,
  ask: Ask,
  one: Import,
  faults: FieldFault[] = [],
): Promise<string> {
  const { guess, choice } = await inspectImport(deps, one);
  const [, many] = addressesOf(one.channel);
  const texts = textsOf(choice);
  const view = (fields: FieldPlan[]) => [groupOf({ fields }, texts, faults)];
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Is this your list?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}, for ${await unitWords(deps, one)}`,
      steps: stepsAt('Column', one),
      panels: [
        {
          heading: 'The first rows, as they were read',
          sentences: guess.format === 'CSV' ? ['If letters look wrong, choose another encoding.'] : [],
          form: viewOf({
            action: adminPaths.importReadings(one._id),
            groups: view(readingFields(guess, one)),
            button: 'Read it again',
            look: 'plain',
          }),
          table: tableOf(
            'The first rows, as they were read',
            tableColumns(guess, choice, one),
            guess.firstRows,
          ),
        },
        {
          heading: `Which column has the ${many}?`,
          sentences: [chosenWords(guess, choice, one)],
          form: viewOf({
            action: adminPaths.importChecks(one._id),
            groups: view([columnField(guess, one)]),
            button: 'Continue to the review',
          }),
        },
      ],
    },
    faults,
  );
}

function readingFields(guess: ListGuess, { channel }: Import): FieldPlan[] {
  const { delimiter = '' } = guess.choice;
  const isKnown = delimiters.some(({ value }) => value === delimiter);
  const select = (name: string, label: string, options: { value: string; label: string }[]): FieldPlan => ({
    kind: 'select',
    name,
    label,
    options,
  });
  return [
    ...(guess.format === 'CSV'
      ? [
          select(
            'encoding',
            'Encoding',
            encodings.map((value) => ({ value, label: value })),
          ),
          select('delimiter', 'Delimiter', [
            ...(isKnown ? [] : [{ value: keyOf(delimiter), label: delimiter }]),
            ...delimiters.map(({ value, label }) => ({ value: keyOf(value), label })),
          ]),
        ]
      : [
          select(
            'sheet',
            'Sheet',
            guess.sheets.map((value) => ({ value, label: value })),
          ),
        ]),
    select('headerLine', 'Column names are in', [
      { value: 'none', label: 'There are none' },
      ...guess.firstRows.map(({ line }) => ({ value: String(line), label: `Line ${line}` })),
    ]),
    ...(channel === 'EMAIL'
      ? []
      : [select('country', 'Numbers without a country code are from', countries())]),
  ];
}

const countryNames = new Intl.DisplayNames('en', { type: 'region' });

function countries(): { value: string; label: string }[] {
  const all = phoneCountries().map((value) => ({
    value: String(value),
    label: countryNames.of(value) ?? value,
  }));
  return [
    { value: '', label: 'No country: reject them' },
    ...all.sort((one, other) => one.label.localeCompare(other.label)),
  ];
}

/** A tab and a unit separator as words, since forms trim them. */
const keyOf = (delimiter: string) => String(delimiter.codePointAt(0) ?? '');

function textsOf(choice: ImportChoice): Record<string, string> {
  return {
    encoding: choice.encoding ?? '',
    delimiter: keyOf(choice.delimiter ?? ''),
    sheet: choice.sheet ?? '',
    headerLine: String(choice.headerLine ?? 'none'),
    country: choice.country ?? '',
    column: String(choice.column ?? ''),
  };
}

/** The corrections in a sent form. Values that the form does not offer count as absent. */
export function readingOf(read: (name: string) => string): Partial<ImportChoice> {
  const encoding = encodings.find((one) => one === read('encoding'));
  const delimiter = wholeOf(read('delimiter'));
  const header = read('headerLine');
  const line = wholeOf(header);
  const country = read('country');
  return {
    ...(encoding ? { encoding } : {}),
    ...(delimiter !== null && delimiter > 0 && delimiter < 128
      ? { delimiter: String.fromCodePoint(delimiter) }
      : {}),
    ...(read('sheet') ? { sheet: read('sheet') } : {}),
    ...(header === 'none' ? { headerLine: null } : line === null ? {} : { headerLine: line }),
    ...(/^[A-Z]{2}$/.test(country) ? { country } : {}),
  };
}

function columnField(guess: ListGuess, { channel }: Import): FieldPlan {
  return {
    kind: 'select',
    name: 'column',
    label: channel === 'EMAIL' ? 'Column header of the email field' : 'Column header of the phone field',
    options: guess.columns.map(({ index, name, addressShare, phoneShare }) => {
      const share = channel === 'EMAIL' ? addressShare : phoneShare;
      return { value: String(index), label: `${name.slice(0, 60)} (${Math.round(share * 100)} %)` };
    }),
  };
}

function chosenWords(guess: ListGuess, { column }: ImportChoice, { channel }: Import): string {
  const [, many] = addressesOf(channel);
  const found = guess.columns.find(({ index }) => index === column);
  if (!found) return `No column has ${many} in at least half of its rows. Check how the file is read.`;
  const share = channel === 'EMAIL' ? found.addressShare : found.phoneShare;
  const rows = figure(Math.round(share * guess.sampled));
  return `In “${found.name.slice(0, 60)}”, ${rows} of the first ${figure(guess.sampled)} rows have ${many}.`;
}

function tableColumns(guess: ListGuess, choice: ImportChoice, { channel }: Import): Column<CsvRow>[] {
  const { headerLine, column, country } = choice;
  const others = guess.columns.filter(({ index }) => index !== column).slice(0, shownColumns);
  const shown = guess.columns.filter(
    ({ index }) => index === column || others.some((one) => one.index === index),
  );
  const isRow = ({ line }: CsvRow) => line > (headerLine ?? 0);
  return [
    {
      heading: 'Line',
      cell: ({ line }) => ({
        text: figure(line),
        ...(line === headerLine
          ? { chips: ['Column names'] }
          : line < (headerLine ?? 0)
            ? { chips: ['Not read'] }
            : {}),
      }),
    },
    ...shown.map(({ index, name }): Column<CsvRow> => ({
      heading: name.slice(0, 40),
      cell: ({ cells }) => ({ text: (cells[index] ?? '').slice(0, 120) }),
    })),
    {
      heading: 'Understood as',
      cell: (row) => {
        if (!isRow(row) || column === null) return { text: '' };
        const { found, fault } = readCell(channel, row.cells[column] ?? '', country);
        const reason = row.fault ?? fault;
        return { text: found.slice(0, 5).join(', '), ...(reason ? { note: reason } : {}) };
      },
    },
  ];
}
