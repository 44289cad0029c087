/** Says when to come again, with every answer that refuses for now: 429 and 503 (RFC 9110, section 10.2.3). */
import type { Response } from 'express';
import { DomainError } from '../../errors.js';

/** Seconds, where the refusal does not know better. */
const ordinary = 30;

/** @param error what the answer is about; it may know how long the refusal lasts */
export function sayWhenToRetry(response: Response, status: number, error?: unknown): void {
  if (status !== 429 && status !== 503) return;
  const known = error instanceof DomainError ? error.retryAfterSeconds : undefined;
  response.set('Retry-After', String(known ?? ordinary));
}

/** "in 3 minutes", for the sentence of a page. */
export function waitInWords(seconds: number = ordinary): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return minutes === 1 ? 'in a minute' : `in ${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours === 1 ? 'in an hour' : `in ${hours} hours`;
}
