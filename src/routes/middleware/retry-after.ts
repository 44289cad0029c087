/** Adds `Retry-After` to every temporary refusal: 429, 503, and others that give a time (RFC 9110, section 10.2.3). */
import type { Response } from 'express';
import { DomainError } from '../../errors.js';

/** In seconds, if the refusal gives no time. */
const ordinary = 30;

/** @param error the cause of the answer; it may contain how long the refusal lasts */
export function sayWhenToRetry(response: Response, status: number, error?: unknown): void {
  const known = error instanceof DomainError ? error.retryAfterSeconds : undefined;
  if (status !== 429 && status !== 503 && known === undefined) return;
  response.set('Retry-After', String(known ?? ordinary));
}

/** "in 3 minutes", for the sentence of a page. */
export function waitInWords(seconds: number = ordinary): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return minutes === 1 ? 'in a minute' : `in ${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours === 1 ? 'in an hour' : `in ${hours} hours`;
}
