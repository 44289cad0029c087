/** The words of each language, and its formats of dates and lists. */
import { createSentences } from './sentences.js';
import { directionOf } from '../vocabulary/locales.js';
import type { Locale } from '../vocabulary/locales.js';
import type { Words } from './contract.js';
import de from './locales/de.json' with { type: 'json' };
import en from './locales/en.json' with { type: 'json' };
import es from './locales/es.json' with { type: 'json' };
import fr from './locales/fr.json' with { type: 'json' };
import nb from './locales/nb.json' with { type: 'json' };
import nl from './locales/nl.json' with { type: 'json' };
import pl from './locales/pl.json' with { type: 'json' };
import sv from './locales/sv.json' with { type: 'json' };

const copies: Readonly<Record<Locale, Readonly<Record<string, string>>>> = { en, nb, pl, nl, sv, de, fr, es };

const made = new Map<Locale, Words>();

/** The words of one locale; created once. */
export function wordsFor(locale: Locale): Words {
  const known = made.get(locale);
  if (known) return known;
  const words = makeWords(locale);
  made.set(locale, words);
  return words;
}

function makeWords(locale: Locale): Words {
  // English dates have the European form, "14 March 2025", as everywhere in the portal.
  const tag = locale === 'en' ? 'en-GB' : locale;
  const dated = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  const timed = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;
  // A server keeps the wordings of all languages before it listens, and these take milliseconds each.
  const day = onceNeeded(() => new Intl.DateTimeFormat(tag, dated));
  const moment = onceNeeded(() => new Intl.DateTimeFormat(tag, { ...dated, ...timed }));
  const list = onceNeeded(() => new Intl.ListFormat(tag, { style: 'long', type: 'conjunction' }));
  return {
    locale,
    direction: directionOf(locale),
    copy: copies[locale],
    t: createSentences(copies[locale], tag),
    day: rememberDays((at) => day().format(at)),
    moment: (at) => moment().format(at),
    list: (names) => list().format(names),
  };
}

function onceNeeded<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Pages show the same few days again and again, and a formatter is slow. The dates of one contact's preferences are about a thousand days. */
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
