/** Signs a token of one kind (RFC 7515, compact serialisation; RFC 7519). */
import { CompactSign } from 'jose';
import { DomainError } from '../errors.js';
import { codecs } from './claims.js';
import type { Issue } from './claims.js';
import type { TokenKey } from './key-set.js';
import { tokenKinds } from './kinds.js';
import type { TokenClaims, TokenKind } from './kinds.js';

const encoder = new TextEncoder();

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
  const header = { alg: key.algorithm, typ: tokenKinds[kind].typ, kid: key.kid };
  // RFC 7519, section 7.1, with every claim in place already; `SignJWT` would copy them once more.
  const payload = encoder.encode(JSON.stringify(payloadOf(kind, claims, issue)));
  return new CompactSign(payload).setProtectedHeader(header).sign(key.signKey);
}

function payloadOf<K extends TokenKind>(kind: K, claims: TokenClaims[K], issue: Issue) {
  try {
    return codecs[kind].write(claims, issue);
  } catch (cause) {
    throw new DomainError('INVALID_FORM', 'A link cannot carry what it was asked to.', { cause });
  }
}
