/** The languages of the pages: their names, their direction, and the choice for a reader. */

/** The languages of the pages, in the order of the switch. */
export const locales = ['en', 'nb', 'pl', 'nl', 'sv', 'de', 'fr', 'es'] as const;
export type Locale = (typeof locales)[number];

/** Each language by its own name, as the switch shows it. */
export const languageNames: Readonly<Record<Locale, string>> = {
  en: 'English',
  nb: 'Norsk',
  pl: 'Polski',
  nl: 'Nederlands',
  sv: 'Svenska',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
};

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction of a language, by its primary subtag (BCP 47). */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.toLowerCase().split(/[-_]/)[0] ?? '') ? 'rtl' : 'ltr';
}

/** The tag itself if it is a language of the pages. */
export function knownLocale(locale: string | null | undefined): Locale | undefined {
  return locales.find((one) => one === locale);
}

export function isLocale(text: string): text is Locale {
  return (locales as readonly string[]).includes(text);
}

/** The locale of a language tag: `de-AT` is German; `no` and `nn` are shown Bokmål. */
function localeOf(tag: string | undefined): Locale | undefined {
  const primary = tag?.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  if (primary === 'no' || primary === 'nn') return 'nb';
  return isLocale(primary) ? primary : undefined;
}

/**
 * The language of a page: the one in its URL, then the link's, then the contact's, then the browser's, then the unit's, then English. An unreadable
 * value is ignored, never refused.
 */
export function negotiateLocale(hints: {
  asked?: string | undefined;
  link?: string | undefined;
  contact?: string | undefined;
  acceptLanguage?: string | undefined;
  unitDefault?: string | undefined;
}): Locale {
  return (
    localeOf(hints.asked) ??
    localeOf(hints.link) ??
    localeOf(hints.contact) ??
    accepted(hints.acceptLanguage) ??
    localeOf(hints.unitDefault) ??
    'en'
  );
}

/** The best supported language of an `Accept-Language` (RFC 9110, section 12.5.4); the first of equal ones. */
function accepted(header: string | undefined): Locale | undefined {
  let best: { locale: Locale; quality: number } | undefined;
  for (const range of (header ?? '').slice(0, 500).split(',')) {
    const [tag, ...parameters] = range.split(';');
    const locale = localeOf(tag);
    const quality = qualityOf(parameters);
    if (locale && quality > 0 && quality > (best?.quality ?? 0)) best = { locale, quality };
  }
  return best?.locale;
}

function qualityOf(parameters: string[]): number {
  const given = parameters
    .map((parameter) => /^\s*q=(.*)$/i.exec(parameter)?.[1])
    .find((q) => q !== undefined);
  if (given === undefined) return 1;
  const quality = /^\s*(0(\.\d*)?|1(\.0*)?)\s*$/.test(given) ? Number(given) : 0;
  return quality;
}
