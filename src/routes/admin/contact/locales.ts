/** A contact's language as one that the pages and mails speak. */
import { locales } from '../../../views/contract.js';
import type { Locale } from '../../../views/contract.js';

export function knownLocale(locale: string | null | undefined): Locale | undefined {
  return locales.find((one) => one === locale);
}
