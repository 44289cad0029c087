/** Finds the end of a token in text that mail clients, link taggers and people have changed. The result is then verified as strictly as any token. */
import { tokenAlgorithms, type TokenAlgorithm } from '../config.js';

/** Characters of a signature in base64url: 64 bytes, or the 32 of HMAC (RFC 7518, sections 3.2 and 3.4; RFC 8037, section 3.1). */
export const signatureLengths: Readonly<Record<TokenAlgorithm, number>> = {
  Ed25519: 86,
  ES256: 86,
  HS256: 43,
};

/** White space, invisible characters, and how quoted-printable writes line breaks and spaces (RFC 2045, section 6.7). A token contains none of them. */
const gaps = /=(?:\r?\n|0D|0A|09|20)|[\s\p{Cf}]+/gu;
const compactForm = /^([\w-]+)\.([\w-]+)\.([\w-]+)/;

export interface CutToken {
  /** In compact form, not yet verified. */
  token: string;
  /** Everything after it, with each gap as one space. */
  behind: string;
}

/**
 * Takes the token from the beginning of a text. Gaps are closed, and the token ends at the first character that no token contains, or where its
 * signature is complete.
 * @returns null if the text does not begin with a token of the portal
 */
export function cutToken(text: string): CutToken | null {
  const spaced = text.replaceAll(gaps, ' ');
  const [, header = '', payload = '', rest = ''] = compactForm.exec(spaced.replaceAll(' ', '')) ?? [];
  const algorithm = algorithmOf(header);
  if (algorithm === null || rest.length < signatureLengths[algorithm]) return null;
  const token = `${header}.${payload}.${rest.slice(0, signatureLengths[algorithm])}`;
  return { token, behind: behindOf(spaced, token.length) };
}

/** A text without white space, invisible characters and the escapes of quoted-printable. */
export function withoutGaps(text: string): string {
  return text.replaceAll(gaps, '');
}

function behindOf(spaced: string, tokenLength: number): string {
  let at = 0;
  for (let left = tokenLength; left > 0; at += 1) if (spaced[at] !== ' ') left -= 1;
  return spaced.slice(at);
}

function algorithmOf(header: string): TokenAlgorithm | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return tokenAlgorithms.find((name) => name === Object(parsed)['alg']) ?? null;
  } catch {
    return null;
  }
}
