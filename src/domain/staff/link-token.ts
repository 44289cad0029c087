/** Tokens of one-time links: random, shown once, kept as a hash. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits: nobody guesses one, so no guess has to be counted. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url');
}

/** As it is kept: who reads the database cannot use it. */
export function hashOfLinkToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
