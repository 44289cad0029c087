/** How hard a new password is to guess. Loaded only where one is chosen: the lists of leaked passwords take 10 MB (decision 0560). */
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** The library's highest grade: a guess costs an argon2id hash, so so many take centuries even with a stolen database. */
const fewestGuesses = 1e10;

const estimator = new ZxcvbnFactory({
  dictionary,
  graphs: adjacencyGraphs,
  // So much is looked at. It bounds the work for one password to some 50 ms, whatever is typed.
  maxLength: 64,
});

/** `OWN_WORDS`: too little is left without the words of the account. `COMMON`: lists of leaked passwords, repeats and sequences lead to it. */
export type Weakness = 'OWN_WORDS' | 'COMMON';

/**
 * @param ownWords words that an attacker of this very account would try: letters and figures only, at least one word
 * @returns why the password is too easy to guess; null where it is not
 */
export function weaknessOf(password: string, ownWords: readonly string[]): Weakness | null {
  if (isGuessable(password, [])) return 'COMMON';
  // The estimate finds own words in disguise (`N0rthw1nd`), but gives credit for the signs between them. What is left without them gets none.
  const rest = password.replace(new RegExp(longestFirst(ownWords).join('|'), 'giu'), '');
  return isGuessable(password, ownWords) || isGuessable(rest, []) ? 'OWN_WORDS' : null;
}

function isGuessable(text: string, ownWords: readonly string[]): boolean {
  return estimator.check(text, [...ownWords]).guesses < fewestGuesses;
}

function longestFirst(words: readonly string[]): string[] {
  return words.toSorted((one, other) => other.length - one.length);
}
