/** How often a password or a code may be guessed: counted in the shared store, by network and by account. */
import { createHmac } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterMongo } from 'rate-limiter-flexible';
import type { Connection } from 'mongoose';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { rateLimiter } from '../../models/rate-limit.js';
import { reading } from '../consent/durability.js';
import { derivedKey } from './derived-key.js';

/** Wrong tries within a quarter of an hour, after which nobody is listened to for the rest of it. */
const limits = {
  /** A house full of people may share one network. */
  network: { most: 60, seconds: 900 },
  password: { most: 10, seconds: 900 },
  /** A code has only a million values, of which three are right at a time. */
  code: { most: 5, seconds: 900 },
} as const;

export interface GuessDeps {
  connection: Connection;
  config: Pick<Config, 'subscriberIdKey'>;
  log: Pick<Logger, 'warn'>;
}

export interface Guess {
  what: 'password' | 'code';
  network: string;
  /** The address as it was typed, or the account's id: one that nobody has is counted like any other. */
  account: string;
}

/**
 * Counts a try before it is made, so that many at once are not one, and gives it back where the guess was right.
 * Where the count cannot be kept, the guess is let through with a warning: staff must be able to work (decision 0443).
 * @param isRight the guess itself; not run where there were too many
 * @throws DomainError `TOO_MANY_REQUESTS`, whether the account exists or not
 */
export async function guess<T>(
  deps: GuessDeps,
  about: Guess,
  isRight: () => Promise<T | null>,
): Promise<T | null> {
  const keys = [
    { limiter: limiterOf(deps, 'network'), key: hashOf(deps, `network:${about.network}`) },
    { limiter: limiterOf(deps, about.what), key: hashOf(deps, `account:${about.account}`) },
  ];
  for (const { limiter, key } of keys) {
    try {
      await reading(() => limiter.consume(key));
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw new DomainError('TOO_MANY_REQUESTS');
      deps.log.warn({ err: refusal }, 'guesses at sign-in not counted');
    }
  }
  const right = await isRight();
  if (right === null) return null;
  for (const { limiter, key } of keys)
    await limiter
      .reward(key)
      .catch((err: unknown) => deps.log.warn({ err }, 'guesses at sign-in not counted'));
  return right;
}

const limiters = new WeakMap<Connection, Map<string, RateLimiterMongo>>();

/** One a connection: the library prepares each at its first use. */
function limiterOf({ connection }: GuessDeps, name: keyof typeof limits): RateLimiterMongo {
  const known = limiters.get(connection) ?? new Map<string, RateLimiterMongo>();
  limiters.set(connection, known);
  const limiter = known.get(name) ?? rateLimiter(connection, { name: `sign-in-${name}`, ...limits[name] });
  known.set(name, limiter);
  return limiter;
}

/** The store holds neither addresses nor networks. */
function hashOf({ config }: GuessDeps, text: string): string {
  return createHmac('sha256', derivedKey(config, 'guesses'))
    .update(text)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}
