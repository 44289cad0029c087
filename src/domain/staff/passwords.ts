/** Passwords of the staff: requirements, hashing with argon2id, and checking that takes as long for unknown accounts. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { Weakness } from './password-strength.js';

/** Loaded at the first password: it is machine code, and every start loads this file. */
const argon2 = () => import('@node-rs/argon2');

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const shortestPassword = 12;
export const longestPassword = 200;

const advice =
  'Choose four words that have nothing to do with each other, or let a password manager make one.';
const weaknessWords: Readonly<Record<Weakness, string>> = {
  COMMON: `This password is too easy to guess: attackers try leaked passwords, common words, repeats and rows of keys first. ${advice}`,
  OWN_WORDS: `This password is too easy to guess: it is made of your name, your address, or names of your company or of this portal. ${advice}`,
};

export interface PasswordDeps {
  config: Pick<Config, 'baseUrl'>;
  catalogue: () => Promise<Pick<Catalogue, 'units'>>;
}

/**
 * The fault of a new password, as a text to show; null if it is valid. NIST SP 800-63B, section 3.1.1.2, asks for length and a blocklist with words
 * of the account, and forbids rules about kinds of characters.
 * @param owner the user of the password
 */
export async function faultOfPassword(
  deps: PasswordDeps,
  password: string,
  owner: { email: string; name: string },
): Promise<string | null> {
  if ([...password].length < shortestPassword)
    return `A password has at least ${shortestPassword} characters.`;
  if (password.length > longestPassword) return `A password has at most ${longestPassword} characters.`;
  const { weaknessOf } = await import('./password-strength.js');
  const weakness = weaknessOf(password.normalize('NFKC'), await ownWords(deps, owner));
  return weakness && weaknessWords[weakness];
}

/** Words that an attacker of this account would try: of its owner, of the business units, and of the portal. */
async function ownWords(
  { config, catalogue }: PasswordDeps,
  { email, name }: { email: string; name: string },
): Promise<string[]> {
  const { units } = await catalogue();
  const ofUnits = [...units.values()].flatMap((unit) => [
    unit.name,
    unit.senderName,
    ...Object.values(unit.translations).flatMap((translation) => translation.name ?? []),
    ...partsOfAddress(unit.senderAddress),
    withoutEnding(new URL(unit.privacyPolicyUrl).hostname),
  ]);
  const texts = [
    'sayso',
    name,
    ...partsOfAddress(email),
    withoutEnding(new URL(config.baseUrl).hostname),
    ...ofUnits,
  ];
  return [...new Set(texts.flatMap(wordsOf))];
}

/** Each word of a text and all words joined, in lower case, with and without accents. */
function wordsOf(text: string): string[] {
  const spellings = [text, text.normalize('NFKD').replace(/\p{M}/gu, '')];
  return spellings.flatMap((spelling) => {
    const words = spelling
      .normalize('NFKC')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u);
    return [...words, words.join('')].filter((word) => word.length >= 3);
  });
}

function partsOfAddress(address: string): string[] {
  const [local = '', domain = ''] = address.split('@');
  return [local, withoutEnding(domain)];
}

/** `news.acme.example` without the top-level domain: `news.acme`. */
function withoutEnding(hostname: string): string {
  return hostname.replace(/\.[^.]*$/, '');
}

export async function hashPassword(password: string): Promise<string> {
  const { hash } = await argon2();
  return hash(password.normalize('NFKC'), cost);
}

/** @param passwordHash null for an account without a password, and for an unknown account: the check takes as long and fails */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const { verify } = await argon2();
  const isRight = await verify(
    passwordHash ?? (await randomHash()),
    password.slice(0, longestPassword).normalize('NFKC'),
  );
  return passwordHash !== null && isRight;
}

let kept: Promise<string> | null = null;

/** The hash of a random password. */
function randomHash(): Promise<string> {
  kept ??= argon2().then(({ hash }) => hash(randomBytes(24), cost));
  return kept;
}
