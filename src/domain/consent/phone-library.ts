/** The library that knows the numbers of each country. It is loaded when it is first needed: it costs a start some 9 MB and tenths of a second. */
import { createRequire } from 'node:module';
import type * as PhoneLibrary from 'libphonenumber-js/min';

/** Node keeps what it has loaded. */
function load(): typeof PhoneLibrary {
  const library: typeof PhoneLibrary = createRequire(import.meta.url)('libphonenumber-js/min');
  return library;
}

/** Fewer digits are an extension, a postcode or a year more often than a number that takes messages. */
const fewestDigits = 6;

/**
 * A number as it is dialled within a country, in E.164; null where it is none. Its length is checked and not its range, since ranges are
 * added every year.
 */
export function nationalNumber(text: string, country: string): string | null {
  const { isSupportedCountry, parsePhoneNumberFromString } = load();
  if (!isSupportedCountry(country)) return null;
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  if (!number?.isPossible() || number.ext || number.nationalNumber.length < fewestDigits) return null;
  return number.number;
}

/** What of an E.164 number is dialled within its own country, without the national prefix; null where the country is not known. */
export function withoutCountryCode(number: string): string | null {
  return load().parsePhoneNumberFromString(number)?.nationalNumber ?? null;
}

/** Countries whose numbers can be read, as ISO 3166-1 alpha-2 codes. */
export function phoneCountries(): readonly PhoneLibrary.CountryCode[] {
  return load().getCountries();
}
