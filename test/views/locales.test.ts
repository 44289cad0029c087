/** Every language has every text, with the same values in it. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { legalBases, actorKinds, channels } from '../../src/vocabulary/terms.js';
import { locales } from '../../src/vocabulary/locales.js';
import { wordsFor } from '../../src/views/words.js';

const plural = /_(zero|one|two|few|many|other)$/;
const baseOf = (key: string): string => key.replace(plural, '');
const basesOf = (copy: object): string[] => [...new Set(Object.keys(copy).map(baseOf))].sort();
const valuesIn = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();

const english = wordsFor('en').copy;
const englishValues = new Map(Object.entries(english).map(([key, text]) => [baseOf(key), valuesIn(text)]));

function textsUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|hbs)$/.test(entry.name))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'));
}

describe.each(locales)('the texts in %s', (locale) => {
  const { copy } = wordsFor(locale);

  it('have the same keys as English', () => {
    expect(basesOf(copy)).toEqual(basesOf(english));
  });

  it('hold the same values as English', () => {
    for (const [key, text] of Object.entries(copy)) {
      expect(valuesIn(text), key).toEqual(englishValues.get(baseOf(key)));
    }
  });

  it('are never empty, and have no loose braces, tags or outer spaces', () => {
    for (const [key, text] of Object.entries(copy)) {
      expect(text.trim(), key).toBe(text);
      expect(text, key).not.toBe('');
      expect(text.replace(/\{\{\w+\}\}/g, ''), key).not.toMatch(/[{}<>]/);
    }
  });

  it('have every plural form that the language needs', () => {
    const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    const pluralKeys = Object.keys(copy).filter((key) => key === 'unitCount_other');
    for (const key of pluralKeys) {
      for (const form of needed) expect(copy).toHaveProperty(`${baseOf(key)}_${form}`);
    }
    expect(pluralKeys).toHaveLength(1);
  });
});

describe('the texts of all languages', () => {
  it('in French never let a line begin with the mark that ends a sentence', () => {
    for (const [key, text] of Object.entries(wordsFor('fr').copy))
      expect(text, key).not.toMatch(/ [:;!?»]|« /);
  });

  it('name every channel, actor and legal basis', () => {
    for (const channel of channels) expect(english).toHaveProperty(`channel${channel}`);
    for (const actor of actorKinds) expect(english).toHaveProperty(`by${actor}`);
    for (const basis of legalBases) expect(english).toHaveProperty(`basis${basis}`);
  });

  it('have every key that the code and the templates use', () => {
    const asked = [
      ...textsUnder('src/routes'),
      ...textsUnder('src/mail'),
      ...textsUnder('src/views'),
    ].flatMap((text) =>
      [...text.matchAll(/(?:copy\.|copy\[['"]|\bt\(['"])(\w+)/g)].map(([, key]) => key ?? ''),
    );
    expect(asked.length).toBeGreaterThan(50);
    for (const key of asked) expect(basesOf(english)).toContain(key);
  });
});
