/** Signs a token of one kind (RFC 7515, section 7.1, compact serialisation; RFC 7519). */
import { CompactSign } from 'jose';
import { DomainError } from '../errors.js';
import { codecs, type Issue } from './claims.js';
import { withLowS } from './ecdsa-low-s.js';
import type { TokenKey } from './key-set.js';
import { tokenKinds, type TokenClaims, type TokenKind } from './kinds.js';

/**
 * @param key the signing key, used only with its own algorithm
 * @throws DomainError `INVALID_KEYS` for a key that may only verify, `INVALID_FORM` for an invalid claim
 */
export async function mintToken<K extends TokenKind>(
  key: TokenKey | null,
  kind: K,
  claims: TokenClaims[K],
  issue: Issue,
): Promise<string> {
  if (!key?.signKey)
    throw new DomainError('INVALID_KEYS', 'This process has no private key, so it cannot make links.');
  const { algorithm, kid } = key;
  const header = { alg: algorithm, typ: tokenKinds[kind].typ, kid };
  // `SignJWT` would clone and check the claims again, which the codec has checked.
  const token = await new CompactSign(Buffer.from(JSON.stringify(payloadOf(kind, claims, issue))))
    .setProtectedHeader(header)
    .sign(key.signKey);
  return algorithm === 'ES256' ? withLowSignature(token) : token;
}

/** Both forms of an ES256 signature verify, but tokens use only the lower one (decision 0531). */
function withLowSignature(token: string): string {
  const end = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(end), 'base64url');
  const low = withLowS(signature);
  return low === signature ? token : token.slice(0, end) + low.toString('base64url');
}

/** One part of a token. Its members are in the order of the object's keys, so the same object always gives the same text. */
export function encodedPart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function payloadOf<K extends TokenKind>(kind: K, claims: TokenClaims[K], issue: Issue) {
  try {
    return codecs[kind].write(claims, issue);
  } catch (cause) {
    throw new DomainError('INVALID_FORM', 'A link cannot carry these values.', { cause });
  }
}
