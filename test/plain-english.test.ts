/**
 * Keeps the old dialect out: a list of words that no file of `src`, no test name and no title of a decision contains. In `src` the whole text of
 * TypeScript, templates and the English words is checked; texts in other languages are not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** "No" as a noun ("the no", "a no") means an opt-out or a refusal; "is no X" means "is not an X", unless a comparison follows ("is no longer"). */
const dialect =
  /\b(whoever|whomever|lest|what stands|as it stands|nobody['’]s|comes to the same|died over it|(?:the|a) no)\b|(?<!\bthere )\bis no (?!\w+er\b|more\b|less\b)\w+/i;

function linesOf(folder: string, ending: RegExp): { at: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .flatMap((name) =>
      readFileSync(join(root, folder, name), 'utf8')
        .split('\n')
        .map((text, index) => ({ at: `${folder}/${name}:${index + 1}`, text })),
    );
}

function inDialect(lines: { at: string; text: string }[]): string[] {
  return lines.filter(({ text }) => dialect.test(text)).map(({ at, text }) => `${at} ${text.trim()}`);
}

it('comments and texts of src contain no word of the old dialect', () => {
  const lines = linesOf('src', /(\.ts|\.hbs|locales\/en\.json)$/);
  expect(lines.length).toBeGreaterThan(10_000);
  expect(inDialect(lines)).toEqual([]);
});

it('test names contain no word of the old dialect', () => {
  const names = linesOf('test', /\.test\.ts$/).filter(({ text }) =>
    /^\s*((it|test|describe)(\.\w+)*|\]( as const)?\))\(/.test(text),
  );
  expect(names.length).toBeGreaterThan(500);
  expect(inDialect(names)).toEqual([]);
});

it('titles of decisions contain no word of the old dialect', () => {
  const titles = linesOf('docs/decisions', /\.md$/).filter(({ text }) => text.startsWith('# '));
  expect(titles.length).toBeGreaterThan(100);
  expect(inDialect(titles)).toEqual([]);
});

it.each([
  ['Whoever opts out meanwhile stays out.', true],
  ['A machine’s no hides nobody’s', true],
  ['This is no address.', true],
  ['The no of the contact stands.', true],
  ['There is no address.', false],
  ['It is no longer sent, and is not a list.', false],
])('judges “%s”', (text, isDialect) => {
  expect(dialect.test(text)).toBe(isDialect);
});
