/** Values by kind, as people write them: how properties store them, and how filters compare them. */
import type { ValueKind } from '../../vocabulary/properties.js';

/** Maximum length of a compared text; facets hold no more. */
const longestText = 100;

/** Texts that differ in case or in spaces are equal to a filter. */
export function folded(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().slice(0, longestText);
}

const yes = ['yes', 'true', '1'];
const no = ['no', 'false', '0'];

/** Examples of each kind of value, for a fault. */
export const valueHints: Readonly<Record<ValueKind, string>> = {
  TEXT: 'a text',
  NUMBER: 'a number, such as 12 or 3.5',
  DATE: 'a day, such as 2026-03-31',
  YES_NO: 'yes or no',
  CHOICE: 'one of its choices',
};

/**
 * Reads a value of a kind.
 * @param choices of a `CHOICE`
 * @returns the value in its stored form, or null if it is invalid
 */
export function readValue(kind: ValueKind, text: string, choices: readonly string[] = []): string | null {
  switch (kind) {
    case 'TEXT':
      return text;
    case 'NUMBER': {
      const plain = text.trim().replace(',', '.');
      return /^-?\d{1,15}(\.\d{1,10})?$/.test(plain) ? String(Number(plain) + 0) : null;
    }
    case 'DATE':
      return isDay(text.trim()) ? text.trim() : null;
    case 'YES_NO':
      if (yes.includes(folded(text))) return 'yes';
      return no.includes(folded(text)) ? 'no' : null;
    case 'CHOICE':
      return choices.find((choice) => folded(choice) === folded(text)) ?? null;
  }
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** A number as sixteen hexadecimal digits that sort as numbers do (IEEE 754, with negative numbers turned round). */
export function sortable(number: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const sign = 1n << 63n;
  return (bits & sign ? ~bits & (sign * 2n - 1n) : bits | sign).toString(16).padStart(16, '0');
}

/** The day a number of days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of a moment in a time zone. */
export function dayIn(at: Date, timeZone: string): string {
  // Canadian dates have the format of ISO 8601.
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, format);
  return format.format(at);
}

/** The first moment of a day in a time zone; where clocks skip midnight, the first moment after it. */
export function startOfDay(day: string, timeZone: string): Date {
  // No zone is further than a day from UTC, and offsets are whole quarters of an hour.
  const quarter = 900_000;
  let low = Date.parse(`${day}T00:00:00Z`) / quarter - 96;
  let high = low + 192;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dayIn(new Date(middle * quarter), timeZone) < day) low = middle + 1;
    else high = middle;
  }
  return new Date(low * quarter);
}
