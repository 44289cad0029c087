/** Values by kind, as people write them: how properties store them, and how filters compare them. */
import type { ValueKind } from '../../vocabulary/properties.js';
import { isDay } from '../../vocabulary/time-zones.js';

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

/** A number as sixteen hexadecimal digits that sort as numbers do (IEEE 754, with negative numbers turned round). */
export function sortable(number: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const sign = 1n << 63n;
  return (bits & sign ? ~bits & (sign * 2n - 1n) : bits | sign).toString(16).padStart(16, '0');
}
