/** Which language a reader gets, and how sentences are filled. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locales } from '../../src/vocabulary/locales.js';
import { wordsFor } from '../../src/views/words.js';
import { directionOf, negotiateLocale } from '../../src/vocabulary/locales.js';

describe('the language of a page', () => {
  it.each([
    ['nothing is known', {}, 'en'],
    [
      'one was asked for, over all else',
      { asked: 'de', link: 'fr', contact: 'pl', acceptLanguage: 'nl' },
      'de',
    ],
    ['the link has one', { link: 'fr', contact: 'pl', acceptLanguage: 'nl' }, 'fr'],
    ['the contact has one', { contact: 'pl', acceptLanguage: 'nl' }, 'pl'],
    ['the browser has one', { acceptLanguage: 'nl', unitDefault: 'sv' }, 'nl'],
    ['only the unit has one', { unitDefault: 'sv' }, 'sv'],
    ['the one asked for is unknown', { asked: 'tlh', link: 'es' }, 'es'],
    ['a region is named', { link: 'de-AT' }, 'de'],
    ['a region is named by an underscore and in capitals', { contact: 'PL_pl' }, 'pl'],
    ['Norwegian is called no', { acceptLanguage: 'no' }, 'nb'],
    ['Norwegian is Nynorsk', { acceptLanguage: 'nn-NO,en;q=0.5' }, 'nb'],
    ['weights reverse the order', { acceptLanguage: 'en;q=0.3, sv;q=0.8, de;q=0.5' }, 'sv'],
    ['weights are equal, and the first wins', { acceptLanguage: 'fr;q=0.8,de;q=0.8' }, 'fr'],
    ['a language is refused by q=0', { acceptLanguage: 'de;q=0, pl;q=0.1' }, 'pl'],
    ['unknown languages come first', { acceptLanguage: 'tlh, xx-YY;q=0.9, es;q=0.2' }, 'es'],
    ['anything will do', { acceptLanguage: '*', unitDefault: 'nb' }, 'nb'],
    ['a weight is not a number', { acceptLanguage: 'de;q=many, fr;q=0.1' }, 'fr'],
    ['a weight is too great', { acceptLanguage: 'de;q=9, fr' }, 'fr'],
    ['all is garbage', { asked: '../../etc', link: '', contact: ';;;', acceptLanguage: ',;q=,=,;;' }, 'en'],
  ])('is chosen when %s', (_when, hints, expected) => {
    expect(negotiateLocale(hints)).toBe(expected);
  });

  it('is always a supported one, whatever is requested', () => {
    const text = fc.option(fc.string({ maxLength: 2000 }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ asked: text, link: text, contact: text, acceptLanguage: text }), (hints) => {
        expect(locales).toContain(negotiateLocale(hints));
      }),
    );
  });
});

describe('a sentence', () => {
  it('uses the plural form of the language', () => {
    expect(wordsFor('fr').t('unitCount', { on: 1, count: 1 })).toBe('1 sur 1 activé');
    expect(wordsFor('fr').t('unitCount', { on: 1, count: 4 })).toBe('1 sur 4 activés');
    expect(wordsFor('en').t('undoText', { names: 'A and B', count: 2 })).toContain('as they were');
    expect(wordsFor('en').t('undoText', { names: 'A' })).toContain('as it was');
  });

  it('inserts a name unchanged, even one that looks like a placeholder or a replacement pattern', () => {
    for (const name of ['{{unit}}', '$t(save)', '$&', '$1', '<b>', '__proto__']) {
      expect(wordsFor('en').t('stopUnit', { unit: name })).toBe(`Stop everything from ${name}`);
    }
  });

  it('shows its key when it has no text', () => {
    expect(wordsFor('en').t('nonsense')).toBe('nonsense');
    expect(wordsFor('en').t('constructor')).toBe('constructor');
  });

  it('writes days and lists as the language does', () => {
    const day = new Date('2025-03-14T23:30:00Z');
    expect(wordsFor('en').day(day)).toBe('14 March 2025');
    expect(wordsFor('nb').day(day)).toBe('14. mars 2025');
    expect(wordsFor('pl').day(day)).toBe('14 marca 2025');
    expect(wordsFor('en').moment(day)).toBe('14 March 2025 at 23:30 UTC');
    expect(wordsFor('de').list(['A', 'B', 'C'])).toBe('A, B und C');
  });
});

describe('the direction of a language', () => {
  it.each(['ar', 'he', 'fa-IR', 'ur_PK', 'AR'])('is from the right for %s', (locale) => {
    expect(directionOf(locale)).toBe('rtl');
  });

  it.each([...locales, 'arn', ''])('is from the left for %s', (locale) => {
    expect(directionOf(locale)).toBe('ltr');
  });
});
