/** Limits how often a password or a code may be guessed. The counts are shared by all processes (decision 0563). */
import { createHmac } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Connection } from 'mongoose';
import type { Config } from '../../config.js';
import type { Logger } from '../../log.js';
import { rateLimiter, tooMany } from '../../models/rate-limiter.js';
import { reading } from '../consent/durability.js';
import { derivedKey } from './secrets.js';

const quarter = 900;

/** Maximum number of wrong guesses, and the seconds of the window. At the maximum no guess is checked until the window ends. */
const limits = {
  // The signed-in owner of the account.
  'own-password': { most: 10, seconds: quarter },
  'own-code': { most: 10, seconds: quarter },
  // A device on which the account signed in before.
  'device-password': { most: 10, seconds: quarter },
  'device-code': { most: 5, seconds: quarter },
  // Anyone else, counted by network and account together.
  'pair-password': { most: 10, seconds: quarter },
  'pair-code': { most: 5, seconds: quarter },
  // Anyone else at one account, from all networks. A code has a million values, and three are right at a time.
  'account-password': { most: 30, seconds: 3600 },
  'account-code': { most: 20, seconds: 86_400 },
  // Anyone else from one network, at all accounts.
  network: { most: 500, seconds: 3600 },
} as const;

export interface GuessDeps {
  connection: Connection;
  config: Pick<Config, 'subscriberIdKey'>;
  log: Pick<Logger, 'warn'>;
}

/** The source of a guess: the signed-in owner, a device on which this account signed in before, or a network. */
export type Guesser =
  | { kind: 'OWNER' }
  | { kind: 'DEVICE'; device: string }
  | { kind: 'NETWORK'; network: string };

export interface Guess {
  what: 'password' | 'code';
  guesser: Guesser;
  /** The address as it was typed, or the id of the account. Unknown addresses are counted like known ones. */
  account: string;
}

/**
 * Counts a guess before it is checked, so that concurrent guesses are all counted. A right guess is given back.
 * If the database does not store the count in time, this process counts the guess in its own memory, with the same limit, and logs a warning (decision 0661).
 * @param isRight checks the guess; it is not called at the maximum
 * @throws DomainError `TOO_MANY_REQUESTS` with the seconds to wait, whether the account exists or not
 */
export async function guess<T>(
  deps: GuessDeps,
  about: Guess,
  isRight: () => Promise<T | null>,
): Promise<T | null> {
  const taken: { limiter: RateLimiterAbstract; key: string }[] = [];
  const giveBack = async () => {
    for (const { limiter, key } of taken)
      await limiter
        .reward(key)
        .catch((err: unknown) => deps.log.warn({ err }, 'guesses at sign-in not counted'));
  };
  const take = async (limiter: RateLimiterAbstract, key: string) => {
    await reading(() => limiter.consume(key));
    taken.push({ limiter, key });
  };
  try {
    for (const { name, of } of countsOf(about)) {
      const { shared, own } = limitersOf(deps, name);
      const key = hashOf(deps, `${name}:${of}`);
      try {
        await take(shared, key);
      } catch (err) {
        if (err instanceof RateLimiterRes) throw err;
        deps.log.warn({ err }, 'guesses at sign-in not counted by the database');
        await take(own, key);
      }
    }
  } catch (refusal) {
    // Nothing was checked, so nothing counts. Otherwise refused guesses at one account would use up the count of the network.
    await giveBack();
    throw refusal instanceof RateLimiterRes ? tooMany(refusal) : refusal;
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

interface Limiters {
  /** Counts in the database, for all processes. */
  shared: RateLimiterAbstract;
  /** Counts in the memory of this process. */
  own: RateLimiterAbstract;
}

const limiters = new WeakMap<Connection, Map<string, Limiters>>();

/** The limiters of a connection and name. They are kept: the library prepares each at its first use. */
function limitersOf({ connection }: GuessDeps, name: keyof typeof limits): Limiters {
  const known = limiters.get(connection) ?? new Map<string, Limiters>();
  limiters.set(connection, known);
  const { most, seconds } = limits[name];
  const found = known.get(name) ?? {
    shared: rateLimiter(connection, { name: `sign-in-${name}`, most, seconds }),
    own: new RateLimiterMemory({ keyPrefix: name, points: most, duration: seconds }),
  };
  known.set(name, found);
  return found;
}

/** The store must hold neither addresses nor networks. */
function hashOf({ config }: GuessDeps, text: string): string {
  return createHmac('sha256', derivedKey(config, 'guesses'))
    .update(text)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}
