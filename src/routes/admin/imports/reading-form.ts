/** The form that corrects how a file is read: encoding, delimiter or sheet, the line of the column names, and the country of numbers. */
import { noDelimiter } from '../../../csv/delimiter.js';
import { encodings } from '../../../csv/encoding.js';
import { phoneCountries } from '../../../domain/consent/phone-library.js';
import type { ListGuess } from '../../../list-files/contract.js';
import type { Import, ImportChoice } from '../../../models/import.js';
import { wholeOf } from '../form.js';
import type { FieldPlan } from '../kit/fields.js';

const delimiters: readonly { value: string; label: string }[] = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe' },
  { value: noDelimiter, label: 'None: each line is one cell' },
];

/** The fields of the form. */
export function readingFields(
  guess: ListGuess,
  { kind, channel }: Pick<Import, 'kind' | 'channel'>,
): FieldPlan[] {
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
      ...guess.firstRows.map(({ line, cells }) => ({ value: String(line), label: lineWords(line, cells) })),
    ]),
    ...(kind !== 'CONTACTS' && channel === 'EMAIL'
      ? []
      : [select('country', 'Numbers without a country code are from', countries())]),
  ];
}

/** "Line 3: Customer, Email" */
function lineWords(line: number, cells: readonly string[]): string {
  const text = cells
    .map((cell) => cell.trim())
    .filter(Boolean)
    .join(', ');
  return `Line ${line}: ${text.length > 40 ? `${text.slice(0, 39)}…` : text}`;
}

const countryNames = new Intl.DisplayNames('en', { type: 'region' });

function countries(): { value: string; label: string }[] {
  const all = phoneCountries().map((value) => ({
    value: String(value),
    label: countryNames.of(value) ?? value,
  }));
  return [
    { value: 'none', label: 'No country: reject them' },
    ...all.sort((one, other) => one.label.localeCompare(other.label)),
  ];
}

/** A tab and a unit separator as words, since forms trim them. */
const keyOf = (delimiter: string) => String(delimiter.codePointAt(0) ?? '');

/** Their values. */
export function readingTexts(choice: ImportChoice): Record<string, string> {
  return {
    encoding: choice.encoding ?? '',
    delimiter: keyOf(choice.delimiter ?? ''),
    sheet: choice.sheet ?? '',
    headerLine: String(choice.headerLine ?? 'none'),
    country: choice.country ?? 'none',
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
    ...(country === 'none' ? { country: null } : /^[A-Z]{2}$/.test(country) ? { country } : {}),
  };
}
