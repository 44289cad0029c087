/** A passkey made of software: what a security key does, and what a stolen copy of it would do (WebAuthn Level 3, section 6). */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { z } from 'zod';

export interface Authenticator {
  /** What a browser returns for `navigator.credentials.create`, as JSON. */
  make: (options: string, as?: { origin?: string; isVerified?: boolean }) => string;
  /** The same for `navigator.credentials.get`. @param as what a forger would change */
  show: (
    options: string,
    as?: { origin?: string; isVerified?: boolean; counter?: number; userHandle?: string },
  ) => string;
  id: string;
  /** How often it has signed. Lower it to act as a copy. Always 0: a key that does not count. */
  counter: number;
}

const bit = { present: 0x01, verified: 0x04, hasKey: 0x40 };
const optionsSchema = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string() }).optional(),
  rpId: z.string().optional(),
  user: z.object({ id: z.string() }).optional(),
});

/** @param origin of the page that asks */
export function authenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(16);
  let handle = '';
  const authenticatorData = (rpId: string, isVerified: boolean, counter: number, key?: Buffer) => {
    const flags = bit.present | (isVerified ? bit.verified : 0) | (key ? bit.hasKey : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), head, ...(key ? [key] : [])]);
  };
  const self: Authenticator = {
    id: id.toString('base64url'),
    counter: 1,
    make(json, as = {}) {
      const options = optionsSchema.parse(JSON.parse(json));
      handle = options.user?.id ?? '';
      const cose = cborMap([
        [cborInteger(1), cborInteger(2)],
        [cborInteger(3), cborInteger(-7)],
        [cborInteger(-1), cborInteger(1)],
        [cborInteger(-2), cborBytes(Buffer.from(x, 'base64url'))],
        [cborInteger(-3), cborBytes(Buffer.from(y, 'base64url'))],
      ]);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const key = Buffer.concat([Buffer.alloc(16), length, id, cose]);
      const data = authenticatorData(options.rp?.id ?? '', as.isVerified ?? true, self.counter, key);
      return answer({
        clientDataJSON: clientData('webauthn.create', options.challenge, as.origin ?? origin),
        attestationObject: cborMap([
          [cborText('fmt'), cborText('none')],
          [cborText('attStmt'), cborMap([])],
          [cborText('authData'), cborBytes(data)],
        ]),
      });
    },
    show(json, as = {}) {
      const options = optionsSchema.parse(JSON.parse(json));
      if (as.counter !== undefined) self.counter = as.counter;
      else if (self.counter > 0) self.counter += 1;
      const client = clientData('webauthn.get', options.challenge, as.origin ?? origin);
      const data = authenticatorData(options.rpId ?? '', as.isVerified ?? true, self.counter);
      return answer({
        clientDataJSON: client,
        authenticatorData: data,
        signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey),
        userHandle: Buffer.from(as.userHandle ?? handle, 'base64url'),
      });
    },
  };
  const answer = (response: Record<string, Buffer>) =>
    JSON.stringify({
      id: self.id,
      rawId: self.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: Object.fromEntries(
        Object.entries(response).map(([name, bytes]) => [name, bytes.toString('base64url')]),
      ),
    });
  return self;
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function sha256(of: string | Buffer): Buffer {
  return createHash('sha256').update(of).digest();
}

/** The head of a CBOR item (RFC 8949, section 3): kind and number. */
function cborHead(kind: number, number: number): Buffer {
  if (number < 24) return Buffer.from([(kind << 5) | number]);
  if (number < 256) return Buffer.from([(kind << 5) | 24, number]);
  return Buffer.from([(kind << 5) | 25, number >> 8, number & 255]);
}

function cborInteger(value: number): Buffer {
  return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
}

function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([cborHead(2, bytes.length), bytes]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborMap(pairs: [Buffer, Buffer][]): Buffer {
  return Buffer.concat([cborHead(5, pairs.length), ...pairs.flat()]);
}
