/** Passwords of the staff: argon2id, and the same work for somebody who does not exist. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const shortestPassword = 12;
export const longestPassword = 200;

/** What is wrong with a new password, in one sentence; null where nothing is (NIST SP 800-63B, section 3.1.1.2: length, not character classes). */
export function faultOfPassword(password: string, about: { email: string; name: string }): string | null {
  if ([...password].length < shortestPassword)
    return `A password has at least ${shortestPassword} characters.`;
  if (password.length > longestPassword) return `A password has at most ${longestPassword} characters.`;
  if (new Set(password.toLowerCase()).size < 5)
    return 'A password of so few different characters is too easy to guess.';
  const own = [about.email, about.email.split('@')[0] ?? '', about.name].map((word) => word.toLowerCase());
  if (own.includes(password.toLowerCase())) return 'A password must not be your own name or address.';
  return null;
}

export async function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), cost);
}

/** @param passwordHash null for an account without a password, or none at all: it takes as long and says no */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const isRight = await verify(
    passwordHash ?? (await nobodys()),
    password.slice(0, longestPassword).normalize('NFKC'),
  );
  return passwordHash !== null && isRight;
}

let made: Promise<string> | null = null;

/** The hash of a password that nobody knows. */
function nobodys(): Promise<string> {
  made ??= hash(randomBytes(24), cost);
  return made;
}
