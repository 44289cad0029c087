/** How often a password or a code may be guessed: counted in the shared store (decision 0563). */
import { createHmac } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterMongo } from 'rate-limiter-flexible';
import type { Connection } from 'mongoose';
import type { Config } from '../../config.js';
import type { Logger } from '../../log.js';
import { rateLimiter, tooMany } from '../../models/rate-limit.js';
import { reading } from '../consent/durability.js';
import { derivedKey } from './derived-key.js';

const quarter = 900;

/** Wrong guesses within so many seconds, after which no more is looked at for the rest of them. */
const limits = {
  // Somebody who is signed in, at the own account.
  'own-password': { most: 10, seconds: quarter },
  'own-code': { most: 10, seconds: quarter },
  // A device on which the account signed in before.
  'device-password': { most: 10, seconds: quarter },
  'device-code': { most: 5, seconds: quarter },
  // Anybody else, by network and account together.
  'pair-password': { most: 10, seconds: quarter },
  'pair-code': { most: 5, seconds: quarter },
  // All of those at one account, from however many networks. A code has a million values, of which three are right at a time.
  'account-password': { most: 30, seconds: 3600 },
  'account-code': { most: 20, seconds: 86_400 },
  // All of those from one network, at however many accounts.
  network: { most: 500, seconds: 3600 },
} as const;

export interface GuessDeps {
  connection: Connection;
  config: Pick<Config, 'subscriberIdKey'>;
  log: Pick<Logger, 'warn'>;
}

/** Who guesses: somebody who is signed in, at the own account; a device on which this account signed in before; or anybody else. */
export type Guesser =
  { kind: 'OWNER' } | { kind: 'DEVICE'; device: string } | { kind: 'NETWORK'; network: string };

export interface Guess {
  what: 'password' | 'code';
  guesser: Guesser;
  /** The address as it was typed, or the account's id: one that nobody has is counted like any other. */
  account: string;
}

/**
 * Counts a try before it is made, so that many at once are not one, and gives it back where the guess was right.
 * Where the count cannot be kept, the guess is let through with a warning: staff must be able to work (decision 0443).
 * @param isRight the guess itself; not run where there were too many
 * @throws DomainError `TOO_MANY_REQUESTS` with the seconds to wait, whether the account exists or not
 */
export async function guess<T>(
  deps: GuessDeps,
  about: Guess,
  isRight: () => Promise<T | null>,
): Promise<T | null> {
  const counts = countsOf(about).map(({ name, of }) => ({
    limiter: limiterOf(deps, name),
    key: hashOf(deps, `${name}:${of}`),
  }));
  const taken: typeof counts = [];
  const giveBack = async () => {
    for (const { limiter, key } of taken)
      await limiter
        .reward(key)
        .catch((err: unknown) => deps.log.warn({ err }, 'guesses at sign-in not counted'));
  };
  for (const count of counts) {
    try {
      await reading(() => count.limiter.consume(count.key));
      taken.push(count);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        // Nothing was looked at, so nothing counts: otherwise who is refused for one account would use up the network's count.
        await giveBack();
        throw tooMany(refusal);
      }
      deps.log.warn({ err: refusal }, 'guesses at sign-in not counted');
    }
  }
  const right = await isRight();
  if (right !== null) await giveBack();
  return right;
}

function countsOf({ what, guesser, account }: Guess): { name: keyof typeof limits; of: string }[] {
  switch (guesser.kind) {
    case 'OWNER':
      return [{ name: `own-${what}`, of: account }];
    case 'DEVICE':
      return [{ name: `device-${what}`, of: `${guesser.device} ${account}` }];
    case 'NETWORK':
      return [
        { name: `pair-${what}`, of: `${guesser.network} ${account}` },
        { name: `account-${what}`, of: account },
        { name: 'network', of: guesser.network },
      ];
  }
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
