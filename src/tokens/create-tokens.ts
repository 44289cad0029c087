/** Tokens of one process: keeps its keys in memory, and reads them again within seconds when the key file changes. */
import { stat } from 'node:fs/promises';
import type { TokenAlgorithm } from '../config.js';
import type { Tokens } from './contract.js';
import { signingKeyOf, type TokenKey } from './key-set.js';
import { publicKeysOf, readKeySet } from './keys.js';
import { mintToken } from './mint.js';
import { verifyToken } from './verify.js';

const lookEveryMs = 2000;
/** Minimum time between early checks for an unknown `kid`, so that a flood of forged tokens cannot keep the disk busy. */
const lookAgainAfterMs = 200;

export interface TokensOptions {
  /** The key file: private keys, or only public ones if this process just verifies. */
  file: string;
  /** The configured algorithm; a signing key of another algorithm still signs, with a warning. */
  algorithm: TokenAlgorithm;
  issuer: string;
  linkLifetimeDays: number;
  warn: (message: string) => void;
}

/**
 * Reads the keys and keeps them up to date. A broken new file causes a warning, and the old keys stay in use.
 * @throws DomainError `INVALID_KEYS` if the file is invalid at the start
 */
export async function createTokens(options: TokensOptions): Promise<Tokens> {
  const { file, issuer, linkLifetimeDays, warn } = options;
  const keys = await watchKeys(file, (current) => warnOfAlgorithm(current, options), warn);
  return {
    mint: (kind, claims, now) =>
      mintToken(keys.signingKey(), kind, claims, {
        issuer,
        at: Math.floor(now.getTime() / 1000),
        linkLifetimeDays,
      }),
    verify: (kind, token, now) => verifyToken(keys.find, issuer, kind, token, now),
    jwks: () => publicKeysOf(keys.all()),
    stop: keys.stop,
  };
}

function warnOfAlgorithm(keys: readonly TokenKey[], { algorithm, warn }: TokensOptions): void {
  const key = signingKeyOf(keys);
  if (key && key.algorithm !== algorithm) {
    warn(
      `Links are signed with ${key.algorithm}, but the setting says ${algorithm}: run "sayso keys rotate".`,
    );
  }
}

async function watchKeys(file: string, onRead: (keys: TokenKey[]) => void, warn: (message: string) => void) {
  let seen = await markOf(file);
  let all: TokenKey[] = [];
  let byKid = new Map<string, TokenKey>();
  let signingKey: TokenKey | null = null;
  let looking: Promise<void> | null = null;
  let lookedAt = 0;

  const take = (keys: TokenKey[]): void => {
    all = keys;
    byKid = new Map(keys.map((key) => [key.kid, key]));
    signingKey = signingKeyOf(keys);
    onRead(keys);
  };
  const look = async (): Promise<void> => {
    const mark = await markOf(file);
    if (mark === seen) return;
    // Before reading: a change in the meantime then counts as one more change.
    seen = mark;
    try {
      take(await readKeySet(file));
    } catch (error) {
      warn(
        `${error instanceof Error ? error.message : 'The key file is broken.'} The keys read before stay in use.`,
      );
    }
  };
  const lookOnce = (): Promise<void> => {
    lookedAt = Date.now();
    looking ??= look().finally(() => (looking = null));
    return looking;
  };

  take(await readKeySet(file));
  const timer = setInterval(() => void lookOnce(), lookEveryMs).unref();
  return {
    all: () => all,
    signingKey: () => signingKey,
    /** A link may arrive before the timer fires: another process has rotated, and the key is already in the file. */
    find: async (kid: string): Promise<TokenKey | null> => {
      const key = byKid.get(kid);
      if (key) return key;
      if (Date.now() - lookedAt > lookAgainAfterMs) await lookOnce();
      else if (looking) await looking;
      return byKid.get(kid) ?? null;
    },
    stop: () => clearInterval(timer),
  };
}

/** Changes with the file; empty if there is none. */
async function markOf(file: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(file);
    return `${mtimeMs}:${ctimeMs}:${size}:${ino}`;
  } catch {
    return '';
  }
}
