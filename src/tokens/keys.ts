/** Reads, rotates and publishes the key file. It is replaced as a whole, so that no reader sees a partial file. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import type { TokenAlgorithm } from '../config.js';
import { DomainError } from '../errors.js';
import { invalid, parseKeySet, publicPartOf, type StoredJwk, type TokenKey } from './key-set.js';

const lockPatienceMs = 10_000;

/**
 * Reads the key file.
 * @returns the keys, oldest first, imported
 * @throws DomainError `INVALID_KEYS` if the file is missing, empty, unreadable or contains an invalid key
 */
export async function readKeySet(file: string): Promise<TokenKey[]> {
  const keys = await readKeysIfAny(file);
  if (!keys) {
    throw new DomainError('INVALID_KEYS', `There is no key file ${file}; "sayso keys rotate" makes one.`);
  }
  if (keys.length === 0) throw invalid(file, 'has no keys; "sayso keys rotate" makes one');
  return keys;
}

/**
 * Adds a key, which signs from now on. The others only verify, as long as links live. Concurrent rotations wait for each other. The private part of a
 * key that no longer signs is deleted, so it cannot be stolen any more.
 * @param now the creation time of the key, stored in whole seconds
 * @returns the new key's `kid`
 * @throws DomainError `INVALID_KEYS` if the file is invalid, contains public keys only, or stays locked
 */
export async function rotateKeys(file: string, algorithm: TokenAlgorithm, now: Date): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lock(file);
  try {
    const keys = (await readKeysIfAny(file)) ?? [];
    if (keys.length > 0 && !keys.some((key) => key.hasPrivatePart)) {
      throw invalid(file, 'holds public keys only; rotate where the private keys are');
    }
    const kid = freshKid(keys);
    // After a clock was set back, the new key must still be the newest.
    const createdAt = Math.max(Math.floor(now.getTime() / 1000), ...keys.map((key) => key.createdAt));
    const added = {
      ...(await generate(algorithm)),
      kid,
      alg: algorithm,
      use: 'sig',
      key_ops: ['sign'],
      iat: createdAt,
    };
    await replaceFile(
      file,
      JSON.stringify({ keys: [...keys.map((key) => retired(key.jwk)), added] }, null, 2) + '\n',
    );
    return kid;
  } finally {
    await unlock();
  }
}

/** The public keys of the file, oldest first; symmetric keys are never among them. */
export async function publicKeySet(file: string): Promise<JSONWebKeySet> {
  return publicKeysOf(await readKeySet(file));
}

export function publicKeysOf(keys: readonly TokenKey[]): JSONWebKeySet {
  return { keys: keys.flatMap((key) => publicPartOf(key.jwk) ?? []) };
}

async function readKeysIfAny(file: string): Promise<TokenKey[] | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new DomainError('INVALID_KEYS', `The key file ${file} cannot be read (${codeOf(error)}).`);
  }
  return parseKeySet(text, file);
}

async function generate(algorithm: TokenAlgorithm) {
  if (algorithm === 'HS256') return { kty: 'oct', k: randomBytes(32).toString('base64url') };
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return exportJWK(privateKey);
}

function retired(jwk: StoredJwk): object {
  const times = jwk.iat === undefined ? {} : { iat: jwk.iat };
  return { ...(publicPartOf(jwk) ?? jwk), ...times, key_ops: ['verify'] };
}

function freshKid(keys: readonly TokenKey[]): string {
  const kid = randomBytes(3).toString('hex');
  return keys.some((key) => key.kid === kid) ? freshKid(keys) : kid;
}

/** The new content is written to the disk under another name before it replaces the file. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeDurably(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw unwritable(file, error);
  }
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file that only one process can create. It is never taken over: a rotation is rare, and a wrong guess would lose a key. */
async function lock(file: string): Promise<() => Promise<void>> {
  const path = `${file}.lock`;
  const giveUpAt = Date.now() + lockPatienceMs;
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unwritable(file, error);
      if (Date.now() > giveUpAt) {
        throw new DomainError(
          'INVALID_KEYS',
          `Another rotation holds ${path}; delete that file if none is running.`,
        );
      }
      await pause(20 + Math.random() * 30);
    }
  }
}

function unwritable(file: string, error: unknown): DomainError {
  const why: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
    EACCES: 'that is not permitted',
    ENOENT: 'there is no such folder',
  };
  const code = codeOf(error);
  return new DomainError('INVALID_KEYS', `The key file ${file} cannot be written: ${why[code] ?? code}.`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
}
