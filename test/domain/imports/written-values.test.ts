/** Values as people write them in lists: yes or no, languages, legal bases, days, numbers and the marketing contact status. */
import { describe, expect, it } from 'vitest';
import {
  decimalMarkOf,
  writtenBasis,
  writtenDay,
  writtenLocale,
  writtenMarketing,
  writtenNumber,
  yesOrNo,
} from '../../../src/domain/imports/written-values.js';
import { legalBases } from '../../../src/vocabulary/terms.js';
import { basisNames } from '../../../src/vocabulary/words.js';

it('yes and no are read in eight languages, and as an export writes them', () => {
  const yes = ['yes', 'Y', 'TRUE', '1', 'x', 'ja', 'Tak', 'oui', 'Sí', 'si', 'Subscribed', 'opted in'];
  const no = [
    'no',
    'N',
    'false',
    '0',
    'Nei',
    'nej',
    'nie',
    'nee',
    'nein',
    'non',
    'Opted out',
    'unsubscribed',
  ];
  expect(yes.map(yesOrNo)).toEqual(yes.map(() => true));
  expect(no.map(yesOrNo)).toEqual(no.map(() => false));
  for (const text of ['', 'maybe', 'Not specified', '2', 'yes and no']) expect(yesOrNo(text)).toBeUndefined();
});

it.each([
  ['de', 'de'],
  ['DE-at', 'de'],
  ['German', 'de'],
  ['tysk', 'de'],
  ['Norsk', 'nb'],
  ['Norwegian', 'nb'],
  ['no', 'nb'],
  ['nn-NO', 'nb'],
  ['polski', 'pl'],
  ['Niderlandzki', 'nl'],
  ['fi', null],
  ['Klingon', null],
])('the language %s', (text, locale) => {
  expect(writtenLocale(text)).toBe(locale);
});

describe('days', () => {
  it.each([
    ['2026-03-31', '2026-03-31'],
    ['2026-03-31T12:00:00Z', '2026-03-31'],
    ['31.03.2026', '2026-03-31'],
    ['1.3.2026', '2026-03-01'],
    ['31/03/2026', '2026-03-31'],
    ['2026/3/1', '2026-03-01'],
    ['31 March 2026', '2026-03-31'],
    ['31. mars 2026', '2026-03-31'],
    ['31 de marzo de 2026', '2026-03-31'],
    ['March 31, 2026', '2026-03-31'],
    ['03/31/2026', null],
    ['30.02.2026', null],
    ['31.03.26', null],
    ['soon', null],
  ])('%s', (text, day) => {
    expect(writtenDay(text, 'DMY')).toBe(day);
  });

  it('with the month first only where slashes or hyphens separate them', () => {
    expect(['03/31/2026', '3-31-2026', '31.03.2026'].map((text) => writtenDay(text, 'MDY'))).toEqual([
      ...['2026-03-31', '2026-03-31', '2026-03-31'],
    ]);
  });
});

it.each([
  ['1234', '1234'],
  ['1234.5', '1234.5'],
  ['1 234,5', '1234.5'],
  ['1.234,56', '1234.56'],
  ['1,234.56', '1234.56'],
  ['1.234.567', '1234567'],
  ["1'234", '1234'],
  ['−5', '-5'],
  ['3,5', '3.5'],
  ['12 apples', '12 apples'],
  ['0,125', '0.125'],
  ['1234,567', '1234.567'],
])('the number %s, whatever the decimal mark of the list', (text, number) => {
  for (const mark of [null, 'POINT', 'COMMA'] as const) expect(writtenNumber(text, mark)).toBe(number);
});

it.each([
  ['1,234', '1234', '1.234'],
  ['-12.345', '-12.345', '-12345'],
])('the number %s by the decimal mark of the list, and not without one', (text, point, comma) => {
  expect(writtenNumber(text, 'POINT')).toBe(point);
  expect(writtenNumber(text, 'COMMA')).toBe(comma);
  expect(writtenNumber(text, null)).toBeNull();
});

it.each([
  [['1,234', '19,95'], 'COMMA'],
  [['1,234', '1,234,567'], 'POINT'],
  [['1.234', '0.5', 'Oslo'], 'POINT'],
  [['1,234', '12'], null],
  [['0,5', '0.5'], null],
  [['31.03.2026', '10.0.0.1'], null],
] as const)('the numbers %j have the decimal mark %s', (cells, mark) => {
  expect(decimalMarkOf(cells)).toBe(mark);
});

it('a legal basis is read by its code or its name, and a marketing contact status as exports write it', () => {
  expect(writtenBasis('consent with notice')).toBe('CONSENT_WITH_NOTICE');
  expect(
    legalBases.map((basis) => writtenBasis(basisNames[basis])),
    'as exports write it',
  ).toEqual(legalBases);
  expect(legalBases.map(writtenBasis), 'as older exports wrote it').toEqual(legalBases);
  expect(writtenBasis('because')).toBeNull();
  expect(['Marketing', 'Non-marketing', 'yes', 'nei', 'perhaps'].map(writtenMarketing)).toEqual([
    ...[true, false, true, false, undefined],
  ]);
});
