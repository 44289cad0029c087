/** Finds the token in a mail that somebody's mail client sent to the `mailto:` of List-Unsubscribe (RFC 2369, section 3.2). */
import { tokenKinds } from '../tokens/kinds.js';

/** More than any mail of this kind has; the rest is not looked at. */
const mostBytes = 256 * 1024;
/** How much of the text is searched: clients that drop the subject put it at the beginning. */
const textBytes = 2048;
/** Far more than a subject with a token has, in encoded words. */
const subjectBytes = 8192;
const deepestPart = 3;

interface Part {
  headers: Map<string, string>;
  body: string;
}

/**
 * Reads a mail as its server got it, whatever it holds.
 * @param raw the whole message (RFC 5322)
 * @returns what looks like an `unsubscribe` token, from the subject or else the first 2 kB of the text, not yet verified; null where
 *   there is none
 */
export function readUnsubscribeMail(raw: Buffer): string | null {
  // Every byte one character: a token is ASCII, so it survives whatever the charset is.
  const mail = partOf(raw.subarray(0, mostBytes).toString('latin1'));
  const subject = mail.headers.get('subject')?.slice(0, subjectBytes) ?? '';
  return tokenIn(decodedWords(subject)) ?? tokenIn(textOf(mail, 0));
}

function partOf(source: string): Part {
  const [head = '', ...rest] = source.split(/\r?\n\r?\n/);
  const headers = new Map<string, string>();
  // RFC 5322, section 2.2.3: a line that begins with white space goes on from the one before.
  for (const field of head.split(/\r?\n(?![ \t])/)) {
    const colon = field.indexOf(':');
    const name = field.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name && !headers.has(name)) headers.set(name, field.slice(colon + 1).replaceAll(/\r?\n/g, ''));
  }
  return { headers, body: rest.join('\n\n') };
}

/** RFC 2047: encoded words, of which neighbours join without the space between them (section 6.2). */
function decodedWords(value: string): string {
  return value
    .replaceAll(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?)/gi, '$1')
    .replaceAll(/=\?[^?\s]+\?([bq])\?([^?\s]*)\?=/gi, (_whole, encoding: string, text: string) =>
      encoding.toLowerCase() === 'b' ? fromBase64(text) : fromQuotedPrintable(text.replaceAll('_', ' ')),
    );
}

/** The beginning of the first text in a mail, decoded. */
function textOf(part: Part, depth: number): string {
  const type = part.headers.get('content-type') ?? 'text/plain';
  const boundary = /;\s*boundary="?([^";\s]{1,70})"?/i.exec(type)?.[1];
  if (/^\s*multipart\//i.test(type) && boundary !== undefined && depth < deepestPart) {
    const parts = part.body.split(`--${boundary}`).slice(1, 10);
    for (const inner of parts) {
      const text = textOf(partOf(inner.replace(/^[ \t]*\r?\n/, '')), depth + 1);
      if (text) return text;
    }
    return '';
  }
  if (!/^\s*text\//i.test(type)) return '';
  const coding = part.headers.get('content-transfer-encoding')?.trim().toLowerCase();
  const enough = part.body.slice(0, textBytes * 3);
  if (coding === 'base64') return fromBase64(enough).slice(0, textBytes);
  if (coding === 'quoted-printable') return fromQuotedPrintable(enough).slice(0, textBytes);
  return enough.slice(0, textBytes);
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

function fromQuotedPrintable(text: string): string {
  return text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** As it stands, or else with the breaks taken out that some clients put into long words. */
function tokenIn(text: string): string | null {
  return wholeTokenIn(text) ?? wholeTokenIn(text.replaceAll(/\s+/g, ''));
}

function wholeTokenIn(text: string): string | null {
  for (const match of text.matchAll(/eyJ[\w-]{8,400}\.eyJ[\w-]{8,800}\./g)) {
    const length = signatureLengthOf(match[0]);
    const signature = text.slice(match.index + match[0].length).slice(0, length);
    if (length > 0 && signature.length === length && /^[\w-]+$/.test(signature)) return match[0] + signature;
  }
  return null;
}

/** Characters of the signature that a token's head promises; 0 where it is none of our `unsubscribe` tokens. */
function signatureLengthOf(token: string): number {
  try {
    const head: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    if (typeof head !== 'object' || head === null || !('typ' in head) || !('alg' in head)) return 0;
    if (head.typ !== tokenKinds.unsubscribe.typ) return 0;
    return head.alg === 'HS256' ? 43 : 86;
  } catch {
    return 0;
  }
}
