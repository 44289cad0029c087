/** Reads a key set (RFC 7517) from text and checks every key, so that no weak or ambiguous key is used. */
import { webcrypto } from 'node:crypto';
import { CompactSign, compactVerify, importJWK, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import { tokenAlgorithms, type TokenAlgorithm } from '../config.js';
import { DomainError } from '../errors.js';

/** One key, imported once, so that signing and verifying never parse it again. */
export interface TokenKey {
  kid: string;
  algorithm: TokenAlgorithm;
  /** Whole seconds since 1970; 0 if the file does not say. */
  createdAt: number;
  verifyKey: CryptoKey;
  /** Null for a retired key and in a file of public keys: such a key only verifies. */
  signKey: CryptoKey | null;
  hasPrivatePart: boolean;
  /** As in the file. */
  jwk: StoredJwk;
}

const base64url = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`));
const common = {
  kid: z.string().regex(/^[A-Za-z0-9_-]{1,8}$/),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.enum(['sign', 'verify'])).optional(),
  iat: z.int().nonnegative().optional(),
};
/** RFC 7518, section 6, and RFC 8037, section 2. Other members are left out. */
const shapes = {
  Ed25519: z.object({
    ...common,
    alg: z.literal('Ed25519'),
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: base64url(32),
    d: base64url(32).optional(),
  }),
  ES256: z.object({
    ...common,
    alg: z.literal('ES256'),
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: base64url(32),
    y: base64url(32),
    d: base64url(32).optional(),
  }),
  HS256: z.object({
    ...common,
    alg: z.literal('HS256'),
    kty: z.literal('oct'),
    k: z.string().regex(/^[A-Za-z0-9_-]+$/),
  }),
} as const;

/** A key as in the file. `key_ops` with `sign` marks the signing key; `iat` is its creation time. */
export type StoredJwk = z.infer<(typeof shapes)[keyof typeof shapes]>;

const setShape = z.object({
  keys: z.array(z.looseObject({ kid: z.unknown().optional(), alg: z.unknown().optional() })),
});

/**
 * Checks and imports a key set.
 * @param text the JSON of a JWK set, with private keys or with public ones only
 * @param file its name, for messages. They name file and key, and never contain key material
 * @returns the keys, oldest first
 * @throws DomainError `INVALID_KEYS` for a key that is weak, incomplete, unknown, without a `kid`, or with the `kid` of another key
 */
export async function parseKeySet(text: string, file: string): Promise<TokenKey[]> {
  const set = setShape.safeParse(jsonOf(text));
  if (!set.success) throw invalid(file, 'is not a JSON Web Key Set');
  const keys: TokenKey[] = [];
  for (const [index, entry] of set.data.keys.entries()) {
    const key = await readKey(entry, index, file);
    if (keys.some((other) => other.kid === key.kid))
      throw invalid(file, `has two keys with the kid ${key.kid}`);
    keys.push(key);
  }
  return keys.sort((a, b) => a.createdAt - b.createdAt);
}

/** The signing key: the newest that may sign; null if none may. */
export function signingKeyOf(keys: readonly TokenKey[]): TokenKey | null {
  return keys.findLast((key) => key.signKey !== null) ?? null;
}

/** The public part of a key; null for a symmetric key, which has none. */
export function publicPartOf(jwk: StoredJwk): JWK | null {
  if (jwk.kty === 'oct') return null;
  const { kty, crv, x, kid, alg } = jwk;
  return { kty, crv, x, ...('y' in jwk && { y: jwk.y }), kid, alg, use: 'sig' };
}

export function invalid(file: string, what: string): DomainError {
  return new DomainError('INVALID_KEYS', `The key file ${file} ${what}.`);
}

async function readKey(
  entry: { kid?: unknown; alg?: unknown },
  index: number,
  file: string,
): Promise<TokenKey> {
  if (entry.kid === undefined) throw invalid(file, `has a key without a kid, number ${index + 1}`);
  if (!common.kid.safeParse(entry.kid).success) {
    throw invalid(file, `has a kid that is not 1 to 8 letters, digits, "-" or "_": key number ${index + 1}`);
  }
  const algorithm = tokenAlgorithms.find((name) => name === entry.alg);
  if (!algorithm)
    throw invalid(
      file,
      `has a key, ${String(entry.kid)}, whose alg is none of ${tokenAlgorithms.join(', ')}`,
    );
  const shape = shapes[algorithm].safeParse(entry);
  if (!shape.success)
    throw invalid(file, `has a key, ${String(entry.kid)}, that is not a whole ${algorithm} key`);
  return importKey(shape.data, file);
}

async function importKey(jwk: StoredJwk, file: string): Promise<TokenKey> {
  // RFC 7518, section 3.2: a key of the hash's size or more. jose and WebCrypto would take a shorter one.
  if ('k' in jwk && Buffer.from(jwk.k, 'base64url').length < 32) {
    throw invalid(file, `has a key, ${jwk.kid}, that is shorter than 32 bytes`);
  }
  const hasPrivatePart = 'k' in jwk || jwk.d !== undefined;
  const maySign = hasPrivatePart && (jwk.key_ops?.includes('sign') ?? true);
  try {
    const { verifyKey, signKey } = 'k' in jwk ? await importSecret(jwk.k) : await importPair(jwk);
    if (signKey) await assertHalvesMatch(signKey, verifyKey, jwk.alg);
    return {
      kid: jwk.kid,
      algorithm: jwk.alg,
      createdAt: jwk.iat ?? 0,
      verifyKey,
      signKey: maySign ? signKey : null,
      hasPrivatePart,
      jwk,
    };
  } catch {
    // No `cause`: an error of the crypto library might quote the key.
    throw invalid(file, `has a key, ${jwk.kid}, whose parts do not make one ${jwk.alg} key`);
  }
}

interface Halves {
  verifyKey: CryptoKey;
  signKey: CryptoKey | null;
}

/** A CryptoKey, since jose would import raw bytes again for every token. */
async function importSecret(k: string): Promise<Halves> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('raw', Buffer.from(k, 'base64url'), hmac, false, [
    'sign',
    'verify',
  ]);
  return { verifyKey: key, signKey: key };
}

async function importPair(jwk: Exclude<StoredJwk, { kty: 'oct' }>): Promise<Halves> {
  const { alg, kty, crv, x, d } = jwk;
  const open = { alg, crv, x, ...('y' in jwk && { y: jwk.y }) };
  // Set explicitly, since `key_ops` marks the signing key, and WebCrypto would take it for the usages of both halves.
  const half = async (extra: { d?: string }) =>
    kty === 'EC'
      ? importJWK({ ...open, kty, y: jwk.y, ...extra }, alg)
      : importJWK({ ...open, kty, ...extra }, alg);
  return { verifyKey: await half({}), signKey: d ? await half({ d }) : null };
}

/** A private half of another public key would sign links that no process can verify. */
async function assertHalvesMatch(
  signKey: CryptoKey,
  verifyKey: CryptoKey,
  alg: TokenAlgorithm,
): Promise<void> {
  const probe = await new CompactSign(new Uint8Array(1)).setProtectedHeader({ alg }).sign(signKey);
  await compactVerify(probe, verifyKey, { algorithms: [alg] });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
