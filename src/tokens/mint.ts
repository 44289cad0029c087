/** Signs a token of one kind (RFC 7515, section 7.1, compact serialisation; RFC 7519). */
import { webcrypto } from 'node:crypto';
import type { TokenAlgorithm } from '../config.js';
import { DomainError } from '../errors.js';
import { codecs } from './claims.js';
import type { Issue } from './claims.js';
import { withLowS } from './ecdsa-halves.js';
import type { TokenKey } from './key-set.js';
import { tokenKinds } from './kinds.js';
import type { TokenClaims, TokenKind } from './kinds.js';

/** RFC 7518, sections 3.2 and 3.4, and RFC 8037, section 3.1; WebCrypto gives each signature in the form of a JWS. */
const signatures: Readonly<Record<TokenAlgorithm, { name: string; hash?: string }>> = {
  Ed25519: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  HS256: { name: 'HMAC' },
};

/** The first part of a token, which is the same for all of one kind and key. */
const headers = new WeakMap<TokenKey, Map<TokenKind, string>>();

/**
 * @param key the key that signs; its own algorithm is the only one it is used with
 * @throws DomainError `INVALID_KEYS` for a key that may only verify, `INVALID_FORM` for a claim that no link can carry
 */
export async function mintToken<K extends TokenKind>(
  key: TokenKey | null,
  kind: K,
  claims: TokenClaims[K],
  issue: Issue,
): Promise<string> {
  if (!key?.signKey)
    throw new DomainError('INVALID_KEYS', 'This process has no private key, so it cannot make links.');
  // By our own hand: jose would make and encode the same header anew for each of a million tokens (decision 0131).
  const signed = `${headerOf(key, kind)}.${encodedPart(payloadOf(kind, claims, issue))}`;
  const bytes = Buffer.from(
    await webcrypto.subtle.sign(signatures[key.algorithm], key.signKey, Buffer.from(signed)),
  );
  const signature = key.algorithm === 'ES256' ? withLowS(bytes) : bytes;
  return `${signed}.${signature.toString('base64url')}`;
}

function headerOf(key: TokenKey, kind: TokenKind): string {
  const known = headers.get(key) ?? new Map<TokenKind, string>();
  const header =
    known.get(kind) ?? encodedPart({ alg: key.algorithm, typ: tokenKinds[kind].typ, kid: key.kid });
  headers.set(key, known.set(kind, header));
  return header;
}

/** One part of a token. The order of the members is the order of the object's keys, so the same object always gives the same text. */
export function encodedPart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function payloadOf<K extends TokenKind>(kind: K, claims: TokenClaims[K], issue: Issue) {
  try {
    return codecs[kind].write(claims, issue);
  } catch (cause) {
    throw new DomainError('INVALID_FORM', 'A link cannot carry what it was asked to.', { cause });
  }
}
