/** Verifies a DKIM signature by RFC 6376 (relaxed/relaxed, rsa-sha256) with a given key instead of one from the DNS. */
import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface DkimVerdict {
  isBodyIntact: boolean;
  isSignatureValid: boolean;
  domain: string;
  selector: string;
  /** Names of the signed headers, lower-case. */
  signed: string[];
}

export function makeDkimKey(): { privateKey: string; publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey };
}

/** @throws Error without a signature, or with one of another kind */
export function verifyDkim(raw: Buffer, publicKey: KeyObject): DkimVerdict {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const fields = text.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field));
  if (!signature) throw new Error('There is no DKIM-Signature.');
  const tags = tagsOf(signature);
  if (tags.get('a') !== 'rsa-sha256' || tags.get('c') !== 'relaxed/relaxed') {
    throw new Error('This signature is of another kind.');
  }
  const signed = (tags.get('h') ?? '').toLowerCase().split(':');
  // Section 5.4.2: several fields of one name are taken from the bottom upwards.
  const left = [...fields];
  const chosen = signed.flatMap((name) => {
    const at = left.findLastIndex((field) => nameOf(field) === name);
    return at < 0 ? [] : left.splice(at, 1).map(relaxedHeader);
  });
  // Section 3.7: the signature's own field comes last, with an empty b= and no line end.
  const own = relaxedHeader(signature.replace(/([;\s]b=)[^;]*/, '$1'));
  const verifier = createVerify('rsa-sha256').update([...chosen, own].join('\r\n'), 'latin1');
  return {
    isBodyIntact:
      createHash('sha256')
        .update(relaxedBody(text.slice(end + 4)), 'latin1')
        .digest('base64') === tags.get('bh'),
    isSignatureValid: verifier.verify(publicKey, tags.get('b') ?? '', 'base64'),
    domain: tags.get('d') ?? '',
    selector: tags.get('s') ?? '',
    signed,
  };
}

function tagsOf(field: string): Map<string, string> {
  const tags = field.slice(field.indexOf(':') + 1).split(';');
  return new Map(
    tags.map((tag) => {
      const [name = '', ...value] = tag.split('=');
      return [name.trim(), value.join('=').replace(/\s+/g, '')];
    }),
  );
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).trim().toLowerCase();
}

/** Section 3.4.2. */
function relaxedHeader(field: string): string {
  const value = field
    .slice(field.indexOf(':') + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ');
  return `${nameOf(field)}:${value.trim()}`;
}

/** Section 3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}
