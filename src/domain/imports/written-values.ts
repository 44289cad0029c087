/** Values as people write them in lists, in the eight languages of the public pages: yes or no, languages, legal bases, days and numbers. */
import type { DateOrder, DecimalMark } from '../../models/contact-import.js';
import { languageNames, locales, type Locale } from '../../vocabulary/locales.js';
import { isDay } from '../../vocabulary/time-zones.js';
import { legalBases, type LegalBasis } from '../../vocabulary/terms.js';
import { basisNames, statusNames } from '../../vocabulary/words.js';
import { folded } from '../filters/values.js';

const yesWords = new Set(
  `yes y true t 1 x on ja j tak oui vrai si sí s verdadero sann sant wahr waar prawda subscribed opt-in
  abonnert påmeldt prenumererar anmäld abonniert angemeldet ingeschreven aangemeld abonné inscrit suscrito zapisany`
    .split(/\s+/)
    .concat('opted in', folded(statusNames.SUBSCRIBED)),
);
const noWords = new Set(
  `no n false f 0 off nei nej nee nie nein non falso faux falsk usann usant falsch onwaar fałsz unsubscribed opt-out
  avmeldt avanmäld avregistrerad abgemeldet uitgeschreven afgemeld désabonné désinscrit baja wypisany`
    .split(/\s+/)
    .concat('opted out', folded(statusNames.UNSUBSCRIBED)),
);

/** Reads yes or no. @returns undefined for another text */
export function yesOrNo(text: string): boolean | undefined {
  const word = folded(text).replace(/[.!]$/, '');
  if (yesWords.has(word)) return true;
  return noWords.has(word) ? false : undefined;
}

/** Reads a marketing contact status: yes or no, or as an export writes it. */
export function writtenMarketing(text: string): boolean | undefined {
  if (/^marketing( contact)?$/i.test(text)) return true;
  return /^non[- ]?marketing( contact)?$/i.test(text) ? false : yesOrNo(text);
}

/** An exported status that says nothing about a subscription. */
export function isNotSpecified(text: string): boolean {
  return folded(text) === folded(statusNames.NOT_SPECIFIED);
}

/** Norwegian is written as Bokmål and Nynorsk; the pages have Bokmål. */
const tagsOf = (locale: Locale) => (locale === 'nb' ? ['no', 'nb', 'nn'] : [locale]);

/** Names of the languages in all of them: "German", "Deutsch", "tysk". */
const localeNamed = new Map<string, Locale>(
  locales.flatMap((locale) => [
    [folded(languageNames[locale]), locale] as const,
    ...locales.flatMap((of) => tagsOf(locale).map((tag) => [folded(nameOf(tag, of)), locale] as const)),
  ]),
);

function nameOf(tag: string, of: Locale): string {
  return new Intl.DisplayNames([of], { type: 'language' }).of(tag) ?? tag;
}

/** Reads a language: `de`, `de-AT`, "German", "Deutsch". `no` and `nn` are Bokmål. @returns null for one that the pages do not have */
export function writtenLocale(text: string): Locale | null {
  const named = localeNamed.get(folded(text));
  if (named) return named;
  const primary = /^([a-z]{2})([-_][a-z0-9]+)*$/.exec(folded(text))?.[1] ?? '';
  if (primary === 'no' || primary === 'nn') return 'nb';
  return locales.find((locale) => locale === primary) ?? null;
}

/** Reads a legal basis by its code or its English name. */
export function writtenBasis(text: string): LegalBasis | null {
  const wanted = folded(text);
  const code = wanted.replace(/[\s-]+/g, '_');
  return (
    legalBases.find((basis) => basis.toLowerCase() === code || folded(basisNames[basis]) === wanted) ?? null
  );
}

const monthOf = new Map<string, number>(
  locales.flatMap((locale) =>
    (['long', 'short'] as const).flatMap((style) =>
      Array.from({ length: 12 }, (_, month) => {
        const format = new Intl.DateTimeFormat(locale, { month: style, day: 'numeric', timeZone: 'UTC' });
        const parts = format.formatToParts(new Date(Date.UTC(2024, month, 1)));
        const name = parts.find(({ type }) => type === 'month')?.value ?? '';
        return [folded(name).replace(/\.$/, ''), month + 1] as const;
      }),
    ),
  ),
);

/**
 * Reads a day: `2026-03-31`, `2026-03-31T12:00`, `31.03.2026`, `31/03/2026`, `31 March 2026`, `31. mars 2026`, `March 31, 2026`. The year has four figures.
 * @param order of day and month where slashes or hyphens separate them
 * @returns the day as `2026-03-31`; null for another text, and for a day that does not exist
 */
export function writtenDay(text: string, order: DateOrder): string | null {
  const plain = text.trim().replace(/[T ]\d{1,2}:\d{2}.*$/, '');
  const whole = (year = '', month: string | number = '', day = '') => {
    const iso = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
    return isDay(iso) ? iso : null;
  };
  const numbers = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(plain);
  if (numbers) {
    const [, first, mark, second, year] = numbers;
    return order === 'MDY' && mark !== '.' ? whole(year, first, second) : whole(year, second, first);
  }
  const yearFirst = /^(\d{4})([./-])(\d{1,2})\2(\d{1,2})$/.exec(plain);
  if (yearFirst) return whole(yearFirst[1], yearFirst[3], yearFirst[4]);
  const named =
    /^(?<day>\d{1,2})(?:\.|st|nd|rd|th|er)?\s+(?:de\s+)?(?<month>\p{L}+)\.?,?\s+(?:de\s+)?(?<year>\d{4})$/u.exec(
      plain,
    ) ?? /^(?<month>\p{L}+)\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?<year>\d{4})$/u.exec(plain);
  const { day, month = '', year } = named?.groups ?? {};
  return whole(year, monthOf.get(folded(month)), day);
}

const asNumber = (text: string) =>
  text
    .trim()
    .replace(/[\s'’]/gu, '')
    .replace('−', '-');

/**
 * Reads a number: `1234.5`, `1 234,5`, `1.234,56`, `1,234.56`, `1'234`.
 * @param mark of the list; it decides about numbers such as `1,234`
 * @returns the number with a decimal point, without other marks; the text itself if it is not a number; null if it can be read in two ways
 */
export function writtenNumber(text: string, mark: DecimalMark | null): string | null {
  const plain = asNumber(text);
  if (!/^-?\d[\d.,]*$/.test(plain)) return text;
  if (!/[.,]/.test(plain)) return plain;
  const decimal = decimalMarkIn(plain) ?? mark;
  if (decimal === null) return null;
  return plain.replaceAll(decimal === 'POINT' ? ',' : '.', '').replace(',', '.');
}

/** Of two marks the last one is the decimal mark, and a mark that is there several times separates thousands. @returns null if it can be either */
function decimalMarkIn(plain: string): DecimalMark | null {
  const [points, commas] = [plain.split('.').length - 1, plain.split(',').length - 1];
  const last = plain.lastIndexOf('.') > plain.lastIndexOf(',') ? 'POINT' : 'COMMA';
  if (points > 0 && commas > 0) return last;
  if (points + commas > 1) return last === 'POINT' ? 'COMMA' : 'POINT';
  return /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(plain) ? null : last;
}

/** The decimal mark of these cells; null if no number among them shows it, or if they differ. */
export function decimalMarkOf(cells: readonly string[]): DecimalMark | null {
  const numbers = cells.map(asNumber).filter((cell) => /^-?(\d{1,3}([.,]\d{3})+|\d+)([.,]\d+)?$/.test(cell));
  const marked = numbers.filter((cell) => /[.,]/.test(cell));
  const marks = new Set(marked.flatMap((cell) => decimalMarkIn(cell) ?? []));
  const [mark] = marks;
  return mark && marks.size === 1 ? mark : null;
}
