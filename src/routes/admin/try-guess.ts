/** Guesses of passwords and codes as pages make them: what was refused is noted, and answered with one sentence and a status. */
import type { Response } from 'express';
import type { Deps } from '../../deps.js';
import { guess } from '../../domain/staff/guessing.js';
import type { Guess } from '../../domain/staff/guessing.js';
import { DomainError } from '../../errors.js';
import { sayWhenToRetry, waitInWords } from '../middleware/retry-after.js';

/** Why a guess opened nothing; 429 comes with `Retry-After`. */
export interface GuessRefusal {
  status: 422 | 429;
  text: string;
}

/**
 * Makes a guess.
 * @param said what the page says of a wrong one, and how a refusal is noted: `name` is what was guessed
 * @returns what `isRight` found, or why it opens nothing
 */
export async function tryGuess<T>(
  deps: Deps,
  response: Response,
  about: Guess,
  isRight: () => Promise<T | null>,
  said: { wrong: string; name: string; refused: (why: string) => Promise<void> },
): Promise<{ right: T } | { refusal: GuessRefusal }> {
  try {
    const right = await guess(deps, about, isRight);
    if (right !== null) return { right };
    await said.refused(said.name);
    return { refusal: { status: 422, text: said.wrong } };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'TOO_MANY_REQUESTS') throw error;
    await said.refused(`${said.name}: too many tries`);
    sayWhenToRetry(response, 429, error);
    const again = waitInWords(error.retryAfterSeconds);
    // The same whether there is such an account or not, and whether the guess was right or not.
    const text = `There were too many tries. For safety nothing is checked now. Please try again ${again}.`;
    return { refusal: { status: 429, text } };
  }
}
