/** Verifies a token of one kind: its exact form, the algorithm of its key, and every claim. */
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { DomainError } from '../errors.js';
import { codecs } from './claims.js';
import { isLowS } from './ecdsa-low-s.js';
import type { TokenKey } from './key-set.js';
import { tokenKinds, type TokenKind, type VerifiedToken } from './kinds.js';

/** Well above the longest minted token, so that an overlong one costs nothing. */
const longestToken = 1000;
const clockToleranceSeconds = 300;
/** Only these three: `crit`, `b64`, `jwk`, `jku`, `x5c` and all others are refused. */
const headerShape = z.strictObject({ alg: z.string(), typ: z.string(), kid: z.string() });

/**
 * @param findKey returns the key of a `kid`, or null
 * @throws DomainError `INVALID_TOKEN`, the same for every fault; expiry is not a fault
 */
export async function verifyToken<K extends TokenKind>(
  findKey: (kid: string) => Promise<TokenKey | null>,
  issuer: string,
  kind: K,
  token: string,
  now: Date,
): Promise<VerifiedToken<K>> {
  try {
    return await check(findKey, issuer, kind, token, Math.floor(now.getTime() / 1000));
  } catch {
    // The exact fault would only help a forger (specification "What goes wrong gets a page": they look alike).
    throw new DomainError('INVALID_TOKEN', 'This link is not valid.');
  }
}

async function check<K extends TokenKind>(
  findKey: (kid: string) => Promise<TokenKey | null>,
  issuer: string,
  kind: K,
  token: string,
  now: number,
): Promise<VerifiedToken<K>> {
  const { typ, audience } = tokenKinds[kind];
  const header = headerShape.parse(JSON.parse(Buffer.from(headerOf(token), 'base64url').toString()));
  const key = await findKey(header.kid);
  // jose compares `typ` without case and with an "application/" prefix; the portal accepts only one form.
  if (!key || header.alg !== key.algorithm || header.typ !== typ) throw new Error('wrong header');
  if (key.algorithm === 'ES256' && !isLowS(signatureOf(token))) throw new Error('the higher form of s');
  const { payload } = await jwtVerify(token, key.verifyKey, {
    algorithms: [key.algorithm],
    typ,
    issuer,
    audience,
    requiredClaims: codecs[kind].required,
    // jose would refuse an expired token, but its signature is valid and it can still opt out: expiry is checked below.
    currentDate: new Date(0),
  });
  const { claims, issuedAt, expiresAt } = codecs[kind].read(payload);
  if (expiresAt !== null && expiresAt <= issuedAt) throw new Error('expired before it was issued');
  return {
    kind,
    claims,
    issuedAt: new Date(issuedAt * 1000),
    expiresAt: expiresAt === null ? null : new Date(expiresAt * 1000),
    // A token from the future may still opt out, like an expired one: clocks differ, and no link ever loses that right.
    isExpired: expiresAt !== null && (expiresAt <= now || issuedAt > now + clockToleranceSeconds),
  };
}

/**
 * RFC 7515, section 7.1: three parts in base64url, each in its one canonical form (RFC 4648, section 3.5). Decoders, jose's among them, ignore
 * surplus bits of a last letter, so one signature would have several forms.
 */
function headerOf(token: string): string {
  const parts = token.length > longestToken ? [] : token.split('.');
  const [header] = parts;
  if (parts.length !== 3 || !header || !parts.every((part) => isCanonical(part)))
    throw new Error('not in compact form');
  return header;
}

function signatureOf(token: string): Buffer {
  return Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
}

function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}
