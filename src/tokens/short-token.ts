/**
 * The short form of an unsubscribe token, for the subject of a mail: its claims and its signature, without parts that the portal can restore. It is
 * not another kind of token: the whole token is restored byte for byte, and then verified as usual (decision 0532).
 */
import { z } from 'zod';
import { tokenAlgorithms, type TokenAlgorithm } from '../config.js';
import { codecs } from './claims.js';
import { signatureLengths } from './cut-token.js';
import { tokenKinds } from './kinds.js';
import { encodedPart } from './mint.js';

const letters: Readonly<Record<TokenAlgorithm, string>> = { Ed25519: 'e', ES256: 's', HS256: 'h' };
const headerShape = z.object({ alg: z.enum(tokenAlgorithms), kid: z.string() });

/**
 * Subscriber, algorithm and key, unit, type, link epoch, time of issue, language, campaign, signature. The first has a fixed length, so that a word
 * joined to it does no harm. A campaign may contain dots; the signature contains none.
 */
const shortForm =
  /([\w-]{22})\.([esh])([\w-]{1,8})\.([\da-z]{1,6})\.([\da-z]{0,6})\.([\da-z]{1,4})\.([\da-z]{1,7})\.([a-z]{2})?\.([\w.-]{0,40})\.([\w-]{43,})/g;

/**
 * @param token a whole unsubscribe token, as minted
 * @returns the same in at most 190 characters, none of which needs escaping in a URL
 */
export function shortToken(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { alg, kid } = headerShape.parse(decodedPart(header));
  const { claims, issuedAt } = codecs.unsubscribe.read(decodedPart(payload));
  const { subscriberId, unitId, typeId, epoch, locale = '', campaign = '' } = claims;
  const numbers = [unitId, typeId, epoch, issuedAt].map((number) => number?.toString(36) ?? '');
  return [subscriberId, letters[alg] + kid, ...numbers, locale, campaign, signature].join('.');
}

/**
 * Looks for a token in its short form.
 * @param text without gaps
 * @param issuer of this portal's tokens, which the short form leaves out
 * @returns the whole token, not yet verified; null if there is none
 */
export function shortTokenIn(text: string, issuer: string): string | null {
  for (const [
    ,
    sub = '',
    letter,
    kid = '',
    bu = '',
    st,
    v = '',
    iat = '',
    lang,
    cmp,
    rest = '',
  ] of text.matchAll(shortForm)) {
    const algorithm = tokenAlgorithms.find((name) => letters[name] === letter);
    if (!algorithm || rest.length < signatureLengths[algorithm]) continue;
    const claims = {
      subscriberId: sub,
      unitId: Number.parseInt(bu, 36),
      ...(st ? { typeId: Number.parseInt(st, 36) } : {}),
      epoch: Number.parseInt(v, 36),
      ...(lang ? { locale: lang } : {}),
      ...(cmp ? { campaign: cmp } : {}),
    };
    const issue = { issuer, at: Number.parseInt(iat, 36), linkLifetimeDays: 0 };
    const header = encodedPart({ alg: algorithm, typ: tokenKinds.unsubscribe.typ, kid });
    const payload = payloadOf(claims, issue);
    if (payload !== null) return `${header}.${payload}.${rest.slice(0, signatureLengths[algorithm])}`;
  }
  return null;
}

/** @returns null for invalid claims */
function payloadOf(...asked: Parameters<(typeof codecs)['unsubscribe']['write']>): string | null {
  try {
    return encodedPart(codecs.unsubscribe.write(...asked));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function decodedPart(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
