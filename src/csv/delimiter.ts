/** Finds the delimiter of a file: named by Excel's first line, or the most consistent one. */
import type { Line } from './lines.js';

const candidates = [',', ';', '\t', '|'] as const;

/** The delimiter of a file in which each line is one cell: no text has it (U+001F, "unit separator"). */
export const noDelimiter = '\u001f';

/** Excel's own first line, `sep=;`, which names the delimiter and is not a row. */
export function delimiterNamedBy(line: Line | undefined): string | null {
  return /^\s*"?sep=([^"])"?[\s,;]*$/i.exec(line?.text ?? '')?.[1] ?? null;
}

/**
 * Guesses the delimiter from the first lines of a file. Of the candidates in the first line, it takes the one that most lines contain equally often.
 * If there are none, the file has one column, and the result is a delimiter that the sample never uses.
 * @param mayHaveTitles the first lines may be titles, so a candidate in half of the lines counts as well
 */
export function guessDelimiter(lines: readonly Line[], mayHaveTitles = false): string {
  const texts = lines.map(({ text }) => text.replaceAll(/"[^"]*"/g, '""')).filter((text) => text.trim());
  const counts = (delimiter: string) => texts.map((text) => text.split(delimiter).length - 1);
  const [first = ''] = texts;
  const isFrequent = (delimiter: string) =>
    texts.filter((text) => text.includes(delimiter)).length * 2 >= texts.length;
  const named = candidates.filter(
    (delimiter) => first.includes(delimiter) || (mayHaveTitles && isFrequent(delimiter)),
  );
  const [best] = named
    .map((delimiter) => ({
      delimiter,
      score: mostEqual(counts(delimiter)),
      inFirst: counts(delimiter)[0] ?? 0,
    }))
    .sort((a, b) => b.score - a.score || b.inFirst - a.inFirst);
  return best?.delimiter ?? candidates.find((one) => !texts.some((text) => text.includes(one))) ?? ',';
}

/** The number of lines with the most frequent count above 0. */
function mostEqual(counts: readonly number[]): number {
  const lines = new Map<number, number>();
  for (const count of counts) if (count > 0) lines.set(count, (lines.get(count) ?? 0) + 1);
  return Math.max(0, ...lines.values());
}
