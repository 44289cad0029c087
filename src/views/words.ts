/** The words of each language, how dates and lists are said in it, and which language a reader gets. */
import { locales } from './contract.js';
import { createSentences } from './sentences.js';
import type { Locale, Words } from './contract.js';
import de from './locales/de.json' with { type: 'json' };
import en from './locales/en.json' with { type: 'json' };
import es from './locales/es.json' with { type: 'json' };
import fr from './locales/fr.json' with { type: 'json' };
import nb from './locales/nb.json' with { type: 'json' };
import nl from './locales/nl.json' with { type: 'json' };
import pl from './locales/pl.json' with { type: 'json' };
import sv from './locales/sv.json' with { type: 'json' };

const copies: Readonly<Record<Locale, Readonly<Record<string, string>>>> = { en, nb, pl, nl, sv, de, fr, es };

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

const made = new Map<Locale, Words>();

/** The words of one locale; made once. */
export function wordsFor(locale: Locale): Words {
  const known = made.get(locale);
  if (known) return known;
  const words = makeWords(locale);
  made.set(locale, words);
  return words;
}

function makeWords(locale: Locale): Words {
  // English days are said the European way, "14 March 2025", as everywhere else in the portal.
  const tag = locale === 'en' ? 'en-GB' : locale;
  const dated = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  const timed = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;
  const day = new Intl.DateTimeFormat(tag, dated);
  const moment = new Intl.DateTimeFormat(tag, { ...dated, ...timed });
  const list = new Intl.ListFormat(tag, { style: 'long', type: 'conjunction' });
  return {
    locale,
    direction: directionOf(locale),
    copy: copies[locale],
    t: createSentences(copies[locale], tag),
    day: rememberDays((at) => day.format(at)),
    moment: (at) => moment.format(at),
    list: (names) => list.format(names),
  };
}

/** A page says the same few days again and again, and a formatter is slow; the years of a person's preferences are some thousand days. */
function rememberDays(say: (at: Date) => string): (at: Date) => string {
  const said = new Map<number, string>();
  return (at) => {
    const number = Math.floor(at.getTime() / 86_400_000);
    const known = said.get(number);
    if (known !== undefined) return known;
    if (said.size >= mostDays) said.clear();
    const text = say(at);
    said.set(number, text);
    return text;
  };
}

const mostDays = 5000;

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Which way a language is written, by its primary subtag (BCP 47). */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.toLowerCase().split(/[-_]/)[0] ?? '') ? 'rtl' : 'ltr';
}

export function isLocale(text: string): text is Locale {
  return (locales as readonly string[]).includes(text);
}

/** The locale that a language tag means: `de-AT` is German; `no` and `nn` are shown Bokmål. */
function localeOf(tag: string | undefined): Locale | undefined {
  const primary = tag?.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  if (primary === 'no' || primary === 'nn') return 'nb';
  return isLocale(primary) ? primary : undefined;
}

/**
 * The language of a page: the one asked for in its URL, then the link's, then the contact's, then the
 * browser's, then the unit's own, then English. What cannot be read is passed over, never refused.
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

/** The best language of an `Accept-Language` (RFC 9110, section 12.5.4) that we speak; the first among equals. */
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
