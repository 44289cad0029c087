/** Tokens of one-time links: random, shown once, stored as a hash. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits cannot be guessed, so guesses need no limit. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The stored form. A reader of the database cannot use it. */
export function hashOfLinkToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
