/** Estimates how hard a new password is to guess. It is loaded when the first one is chosen, since the lists take 10 MB (decision 0560). */
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** The highest grade of the library. Each guess costs an argon2id hash, so this many take centuries even with a stolen database. */
const fewestGuesses = 1e10;

const estimator = new ZxcvbnFactory({
  dictionary,
  graphs: adjacencyGraphs,
  // Only so many characters are checked. This limits the work for one password to about 100 ms.
  maxLength: 64,
});

/** `OWN_WORDS`: the password is weak without words of the account. `COMMON`: leaked passwords, common words, repeats or sequences lead to it. */
export type Weakness = 'OWN_WORDS' | 'COMMON';

/**
 * @param ownWords words that an attacker of this account would try: letters and digits only, at least one word
 * @returns why the password is too easy to guess; null if it is not
 */
export function weaknessOf(password: string, ownWords: readonly string[]): Weakness | null {
  if (isGuessable(password, [])) return 'COMMON';
  // The estimate finds disguised own words (`N0rthw1nd`), but gives credit for separators between them. So the rest must be strong by itself, too.
  const rest = password.replace(new RegExp(longestFirst(ownWords).join('|'), 'giu'), '');
  return isGuessable(password, ownWords) || isGuessable(rest, []) ? 'OWN_WORDS' : null;
}

function isGuessable(text: string, ownWords: readonly string[]): boolean {
  return estimator.check(text, [...ownWords]).guesses < fewestGuesses;
}

function longestFirst(words: readonly string[]): string[] {
  return words.toSorted((one, other) => other.length - one.length);
}
