/**
 * The library that knows the numbers of each country. It is loaded at its first use, since it adds about 9 MB and
 * tenths of a second to a start.
 */
import { createRequire } from 'node:module';
import type * as PhoneLibrary from 'libphonenumber-js/min';

/** Node caches the loaded module. */
function load(): typeof PhoneLibrary {
  const library: typeof PhoneLibrary = createRequire(import.meta.url)('libphonenumber-js/min');
  return library;
}

/** Shorter numbers are usually an extension, a postcode or a year. */
const fewestDigits = 6;

/**
 * Converts a number as dialled within a country to E.164; null if it is not a number. Its length is checked but not its
 * range, since ranges are added every year.
 */
export function nationalNumber(text: string, country: string): string | null {
  const { isSupportedCountry, parsePhoneNumberFromString } = load();
  if (!isSupportedCountry(country)) return null;
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  if (!number?.isPossible() || number.ext || number.nationalNumber.length < fewestDigits) return null;
  return number.number;
}

/**
 * The part of an E.164 number that is dialled within its own country, without the national prefix; null if the country
 * is unknown.
 */
export function withoutCountryCode(number: string): string | null {
  return load().parsePhoneNumberFromString(number)?.nationalNumber ?? null;
}

/** Countries whose numbers can be read, as ISO 3166-1 alpha-2 codes. */
export function phoneCountries(): readonly PhoneLibrary.CountryCode[] {
  return load().getCountries();
}
