/** Finds all addresses in one cell of a list, and says why a cell has none. */
import { addressOrNull } from '../domain/consent/read-address.js';
import type { Channel } from '../vocabulary/terms.js';

export interface CellReading {
  /** Addresses or E.164 numbers in their normal form, each once. */
  found: string[];
  /** Why something in the cell is not an address: one sentence. Null if all of it was read. */
  fault: string | null;
}

export const cellFaults = {
  empty: 'The cell is empty.',
  total: 'A total at the end of the list.',
  noAddress: 'Not an email address.',
  number: 'A phone number, not an email address.',
  twoSigns: 'Two @ signs.',
  noDomain: 'The domain is incomplete.',
  noNumber: 'Not a phone number.',
  address: 'An email address, not a phone number.',
  date: 'A date, not a phone number.',
  noCountry: 'Not a phone number with its country code.',
  shortened: 'The spreadsheet shortened this number: format its column as text and export the list again.',
} as const;

/** As many as a cell of a spreadsheet can hold with short addresses; the rest of a longer cell is not searched. */
const longestCell = 1_000_000;

/**
 * Reads all addresses of one cell: `a@example.com; Bob <b@example.com>` has two.
 * @param country (ISO 3166-1 alpha-2) whose phone numbers may be written without their country code
 */
export function readCell(channel: Channel, cell: string, country: string | null = null): CellReading {
  return channel === 'EMAIL' ? addressesIn(cell) : numbersIn(cell, channel, country);
}

function addressesIn(cell: string): CellReading {
  const whole = addressOrNull('EMAIL', cell);
  if (whole) return { found: [whole], fault: null };
  const text = cell.slice(0, longestCell);
  // Parts with an @: a name beside an address is not a fault, another address that cannot be read is one.
  const parts = text.split(/[\s,;|<>()[\]"]+/u).filter((part) => /[@＠]/u.test(part));
  const read = parts.flatMap((part) =>
    severalOf(part).map((one) => ({ one, address: addressOrNull('EMAIL', one) })),
  );
  const found = [...new Set(read.flatMap(({ address }) => address ?? []))];
  const wrong = read.find(({ address }) => !address);
  return { found, fault: wrong || found.length === 0 ? addressFault(wrong?.one ?? text) : null };
}

/** `a@example.com/b@example.com` and `a@example.com&b@example.com` are two, though either mark may be in an address. */
function severalOf(part: string): string[] {
  return addressOrNull('EMAIL', part) ? [part] : part.split(partMarks).filter((one) => one.includes('@'));
}

/** A colon or a plus sign counts behind a top-level domain, of 63 letters at most (RFC 1035, section 2.3.4). It comes first, so that a million letters take no longer than they must. */
const partMarks = /[/&]|[:+](?<=\.\p{L}{2,63}[:+])/u;

function addressFault(text: string): string {
  const plain = text.replace(/[\p{Cf}\s'"]/gu, '');
  if (!plain) return cellFaults.empty;
  const signs = plain.split(/[@＠]/u).length - 1;
  if (signs > 1) return cellFaults.twoSigns;
  if (signs === 1) return /[@＠].+\..+/u.test(plain) ? cellFaults.noAddress : cellFaults.noDomain;
  if (isTotal(text)) return cellFaults.total;
  return /^\+?[\d().\-/]{7,}$/.test(plain) ? cellFaults.number : cellFaults.noAddress;
}

/** In the languages of the public pages. */
function isTotal(text: string): boolean {
  return /^\W*(total|totalt|totaal|sum|summa|summe|gesamt|i alt|razem|suma|count|antall|antal|anzahl|aantal|totale|totaux)\b[^@]*\d/iu.test(
    text,
  );
}

const dates =
  /^\s*(\d{1,2}([./-])\d{1,2}\2(\d{4}|\d{2})|\d{4}([./-])\d{1,2}\4\d{1,2})([ T]\d{1,2}:\d{2}.*)?\s*$/;

function numbersIn(cell: string, channel: Channel, country: string | null): CellReading {
  // The library of phone numbers is asked only about what has enough figures for one.
  const read = (text: string) =>
    /(?:\p{N}\P{N}*){5}/u.test(text) ? addressOrNull(channel, text, { defaultCountry: country }) : null;
  // A date would be a number of some country.
  if (dates.test(cell)) return { found: [], fault: cellFaults.date };
  if (/^\s*\+?\d[.,]?\d*E\+?\d+\s*$/i.test(cell)) return { found: [], fault: cellFaults.shortened };
  const whole = read(cell);
  if (whole) return { found: [whole], fault: null };
  const parts = cell
    .slice(0, longestCell)
    .split(/[,;|/\r\n]|\s{2,}|\s(?=\+|00)/u)
    .filter((part) => /\d/.test(part))
    .map((part) => ({ part, number: read(part) }));
  const found = [...new Set(parts.flatMap(({ number }) => number ?? []))];
  const wrong = parts.find(({ number }) => number === null)?.part;
  return {
    found,
    fault: wrong !== undefined || found.length === 0 ? numberFault(wrong ?? cell, country) : null,
  };
}

function numberFault(text: string, country: string | null): string {
  if (!text.replace(/[\p{Cf}\s'"]/gu, '')) return cellFaults.empty;
  if (/[@＠]/u.test(text)) return cellFaults.address;
  if (isTotal(text)) return cellFaults.total;
  return country || !/\d{5}/.test(text.replace(/\D/g, '')) ? cellFaults.noNumber : cellFaults.noCountry;
}
