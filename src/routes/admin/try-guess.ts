/** Checks a password or a code for a page. A refusal is added to the audit log, and has a sentence and a status for the page. */
import type { Response } from 'express';
import type { Deps } from '../../deps.js';
import { guess, type Guess } from '../../domain/staff/guessing.js';
import { DomainError } from '../../errors.js';
import { sayWhenToRetry, waitInWords } from '../middleware/retry-after.js';

/** A refused guess. A 429 has the header `Retry-After`. */
export interface GuessRefusal {
  status: 422 | 429;
  text: string;
}

/**
 * Checks a guess.
 * @param said `wrong` is the sentence for a wrong guess; `name` is what was guessed, for the audit log; `refused` adds the entry
 * @returns the result of `isRight`, or the refusal
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
    // The same for known and unknown accounts, and for right and wrong guesses.
    const text = `There were too many tries, so none is checked for now. Please try again ${again}.`;
    return { refusal: { status: 429, text } };
  }
}
