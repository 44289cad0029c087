/** Finds the token of an unsubscribe link in a text: in a header, a subject or the words of a mail. */
import { cutToken, withoutGaps } from './cut-token.js';
import { tokenKinds } from './kinds.js';
import { shortTokenIn } from './short-token.js';

/**
 * Finds an `unsubscribe` token in either spelling, without the breaks that some mail clients put into long words.
 * @param issuer of this portal's tokens
 * @returns a whole token, not yet verified; null if there is none
 */
export function tokenIn(text: string, issuer: string): string | null {
  const closed = withoutGaps(text);
  return shortTokenIn(closed, issuer) ?? wholeTokenIn(closed);
}

/** The spelling in headers that were sent before decision 0532, and in links quoted in the text. */
function wholeTokenIn(text: string): string | null {
  for (const { index } of text.matchAll(/eyJ[\w-]{8,400}\.eyJ/g)) {
    const token = cutToken(text.slice(index, index + 1500))?.token;
    if (token !== undefined && typOf(token) === tokenKinds.unsubscribe.typ) return token;
  }
  return null;
}

function typOf(token: string): unknown {
  const [header = ''] = token.split('.');
  return Object(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')))['typ'];
}
