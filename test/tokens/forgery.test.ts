/** Forged and altered tokens: none is accepted. `npm run soak` tries more than 100,000. */
import { readFile } from 'node:fs/promises';
import { CompactSign, SignJWT, base64url, createLocalJWKSet, exportSPKI, importJWK, jwtVerify } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { tokenAlgorithms } from '../../src/config.js';
import { tokenKinds } from '../../src/tokens/kinds.js';
import type { TokenKind } from '../../src/tokens/kinds.js';
import { acceptedOf, examples, kinds, mutationsOf, subscriberId } from '../support/forged-tokens.js';
import { keyFileOf, noon, tokensOf } from '../support/key-file.js';
import { isSoak, oneIn } from '../support/soak.js';

describe.each(tokenAlgorithms)('a %s token', (algorithm) => {
  it('is refused when combined from parts of two genuine tokens', async () => {
    const { tokens } = await tokensOf(await keyFileOf(algorithm, algorithm), { algorithm });
    const all = await Promise.all(
      kinds.flatMap((kind) =>
        [0, 1].map((epoch) => tokens.mint(kind, { ...examples[kind], epoch: epoch + 10 }, noon)),
      ),
    );
    const parts = all.map((token) => token.split('.'));
    const mixed = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => `${a[0]}.${b[1]}.${c[2]}`)));
    const orders = parts.flatMap(([a, b, c]) => [
      `${b}.${a}.${c}`,
      `${a}.${c}.${b}`,
      `${c}.${b}.${a}`,
      `${a}.${b}`,
      `${a}.${b}.`,
    ]);
    for (const kind of kinds) {
      const forged = [...mixed, ...orders].filter((token) => !all.includes(token));
      expect((await acceptedOf(tokens, kind, forged)).accepted).toEqual([]);
    }
  });
});

/** Each position of a token has about 84 cases, so each kind of case comes at every eleventh position. */
const shared = 11;

it(
  'tokens with one character changed, cut or added are refused: one in eleven of more than 100,000, and each in a soak',
  { timeout: 180_000 },
  async () => {
    let total = 0;
    for (const algorithm of tokenAlgorithms) {
      const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
      for (const kind of algorithm === 'Ed25519' ? kinds : (['preferences'] as const)) {
        const { accepted, count } = await acceptedOf(
          tokens,
          kind,
          oneIn(shared, mutationsOf(await tokens.mint(kind, examples[kind], noon))),
        );
        expect(accepted).toEqual([]);
        total += count;
      }
    }
    expect(total).toBeGreaterThan(isSoak ? 100_000 : 100_000 / shared);
  },
);

describe('the two spellings of an ES256 signature', () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const sOf = (token: string) =>
    BigInt(
      `0x${Buffer.from(token.split('.')[2] ?? '', 'base64url')
        .toString('hex')
        .slice(64)}`,
    );
  /** The same signature with n - s in place of s, which ECDSA accepts equally. */
  const otherSpelling = (token: string) => {
    const [header, payload, signature = ''] = token.split('.');
    const other = (order - sOf(token)).toString(16).padStart(64, '0');
    const bytes = Buffer.from(
      Buffer.from(signature, 'base64url').toString('hex').slice(0, 64) + other,
      'hex',
    );
    return `${header}.${payload}.${bytes.toString('base64url')}`;
  };

  it('count as one: the lower s is minted, and the higher is refused although it verifies', async () => {
    const { tokens } = await tokensOf(await keyFileOf('ES256'), { algorithm: 'ES256' });
    const keys = createLocalJWKSet(tokens.jwks());
    for (let epoch = 0; epoch < 64; epoch += 1) {
      const kind = kinds[epoch % 3] ?? 'unsubscribe';
      const token = await tokens.mint(kind, { ...examples[kind], epoch }, noon);
      expect(sOf(token) <= order / 2n).toBe(true);
      expect((await tokens.verify(kind, token, noon)).claims.epoch).toBe(epoch);
      const other = otherSpelling(token);
      expect((await jwtVerify(other, keys, { currentDate: noon })).payload['v']).toBe(epoch);
      await expect(tokens.verify(kind, other, noon)).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
    }
  });
});

describe('a token forged without a key', () => {
  it('is refused unsigned, with any spelling of "none"', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const [header = '', payload = ''] = (await tokens.mint('unsubscribe', examples.unsubscribe, noon)).split(
      '.',
    );
    const kid = tokens.jwks().keys[0]?.kid;
    const forged = ['none', 'None', 'NONE', 'nOnE', '', null, 0].flatMap((alg) => {
      const bare = base64url.encode(JSON.stringify({ alg, typ: 'unsub+jwt', kid }));
      return [`${bare}.${payload}.`, `${bare}.${payload}`, `${bare}.${payload}.AA`, `${header}.${payload}.`];
    });
    expect((await acceptedOf(tokens, 'unsubscribe', forged)).accepted).toEqual([]);
  });

  it.each(['Ed25519', 'ES256'] as const)(
    'is refused with an HMAC keyed by the public %s key',
    async (algorithm) => {
      const { tokens } = await tokensOf(await keyFileOf('HS256', algorithm), { algorithm });
      const jwk: JWK = tokens.jwks().keys[0] ?? {};
      const key = await importJWK({ ...jwk, ext: true }, algorithm);
      if (key instanceof Uint8Array) throw new Error('not a public key');
      const spki = await exportSPKI(key);
      const secrets = [spki, spki.trim(), JSON.stringify(jwk), jwk.x ?? ''].map((text) =>
        new TextEncoder().encode(text),
      );
      secrets.push(base64url.decode(jwk.x ?? ''));
      const payload = JSON.parse(
        Buffer.from(
          (await tokens.mint('unsubscribe', examples.unsubscribe, noon)).split('.')[1] ?? '',
          'base64url',
        ).toString(),
      ) as JWTPayload;
      const forged = await Promise.all(
        secrets.map((secret) =>
          new SignJWT(payload)
            .setProtectedHeader({ alg: 'HS256', typ: 'unsub+jwt', kid: jwk.kid ?? '' })
            .sign(secret),
        ),
      );
      expect((await acceptedOf(tokens, 'unsubscribe', forged)).accepted).toEqual([]);
    },
  );

  it('is refused when it is not a token at all', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const forged = [
      '',
      '.',
      '..',
      '...',
      'a.b.c',
      'A.A.A',
      '{}',
      'null',
      'undefined',
      '__proto__',
      'e30.e30.e30',
      'x'.repeat(1_000_000),
      `${'e30.'.repeat(200_000)}`,
    ];
    expect((await acceptedOf(tokens, 'unsubscribe', forged)).accepted).toEqual([]);
  });
});

describe('a token signed with our own key', () => {
  const at = noon.getTime() / 1000;
  const right: Record<TokenKind, Record<string, unknown>> = {
    preferences: { iss: 'sayso', aud: 'prefs', sub: subscriberId, bu: 2, v: 0, iat: at, exp: at + 3600 },
    unsubscribe: { iss: 'sayso', aud: 'unsub', sub: subscriberId, bu: 2, v: 0, iat: at },
    confirm: {
      iss: 'sayso',
      aud: 'confirm',
      sub: subscriberId,
      bu: 2,
      v: 0,
      iat: at,
      exp: at + 3600,
      jti: 'pending-1',
    },
  };

  async function signer() {
    const file = await keyFileOf('ES256', 'Ed25519');
    const { tokens } = await tokensOf(file);
    const set = JSON.parse(await readFile(file, 'utf8')) as { keys: JWK[] };
    const { key_ops: _, ...jwk } = set.keys.at(-1) ?? {};
    const key = await importJWK(jwk, 'Ed25519');
    const sign = (header: Record<string, unknown>, payload: unknown) =>
      new CompactSign(
        new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      )
        .setProtectedHeader({ alg: 'Ed25519', kid: jwk.kid ?? '', ...header })
        .sign(key);
    return { tokens, sign, otherKid: set.keys[0]?.kid };
  }

  it.each(kinds)('is accepted as %s when all of it is right', async (kind) => {
    const { tokens, sign } = await signer();
    const token = await sign({ typ: tokenKinds[kind].typ }, right[kind]);
    expect((await tokens.verify(kind, token, noon)).claims.subscriberId).toBe(subscriberId);
  });

  it.each(kinds)('is refused as %s with any claim missing, added, or of another form', async (kind) => {
    const { tokens, sign } = await signer();
    const { typ } = tokenKinds[kind];
    const wrong: unknown[] = Object.keys(right[kind]).map((name) => ({ ...right[kind], [name]: undefined }));
    for (const value of [null, '', ' 2', -1, 1.5, [], {}, true, 1e300, 'x'.repeat(60)]) {
      wrong.push(...Object.keys(right[kind]).map((name) => ({ ...right[kind], [name]: value })));
      wrong.push(...['st', 'cmp', 'lang'].map((name) => ({ ...right[kind], [name]: value })));
    }
    const strangers = {
      nbf: at,
      admin: true,
      email: 'alice@example.com',
      crit: ['x'],
      jti: kind === 'confirm' ? 7 : 'x',
    };
    wrong.push(...Object.entries(strangers).map(([name, value]) => ({ ...right[kind], [name]: value })));
    wrong.push(
      { ...right[kind], aud: [right[kind]['aud']] },
      { ...right[kind], iss: ['sayso'] },
      { ...right[kind], iss: 'Sayso' },
    );
    wrong.push(
      { ...right[kind], sub: `${subscriberId}A` },
      { ...right[kind], sub: `${subscriberId.slice(0, 21)}B` },
    );
    if (kind === 'unsubscribe') wrong.push({ ...right[kind], exp: at + 3600 });
    else wrong.push({ ...right[kind], exp: at }, { ...right[kind], exp: at - 1 });
    if (kind === 'confirm') wrong.push({ ...right[kind], st: 3 }, { ...right[kind], cmp: 'spring' });
    wrong.push('[]', 'null', '"x"', '', '{', '{"iss":"sayso"');
    const forged = await Promise.all(wrong.map((payload) => sign({ typ }, payload)));
    expect((await acceptedOf(tokens, kind, forged)).accepted).toEqual([]);
  });

  it('is refused with any other header', async () => {
    const { tokens, sign, otherKid } = await signer();
    const { typ } = tokenKinds.unsubscribe;
    const headers: Record<string, unknown>[] = [
      {},
      { typ: 'JWT' },
      { typ: 'prefs+jwt' },
      { typ: 'UNSUB+JWT' },
      { typ: `application/${typ}` },
      { typ: [typ] },
      { typ, kid: otherKid },
      { typ, kid: undefined },
      { typ, kid: 'ffffff' },
      { typ, kid: '../../dev/null' },
      { typ, kid: '__proto__' },
      { typ, kid: ['x'] },
      { typ, alg: 'EdDSA' },
      { typ, cty: 'JWT' },
      { typ, jku: 'https://evil.example/keys.json' },
      { typ, jwk: { kty: 'oct', k: 'AA' } },
      { typ, x5c: [] },
      { typ, x5u: 'https://evil.example/' },
      { typ, b64: true, crit: ['b64'] },
      { typ, nonce: 'x' },
    ];
    const forged = await Promise.all(headers.map((header) => sign(header, right.unsubscribe)));
    expect((await acceptedOf(tokens, 'unsubscribe', forged)).accepted).toEqual([]);
  });

  it('is refused by a portal of another issuer, and by one with other keys of the same name', async () => {
    const file = await keyFileOf('Ed25519');
    const [ours, theirs, strangers] = await Promise.all([
      tokensOf(file),
      tokensOf(file, { issuer: 'staging' }),
      tokensOf(await keyFileOf('Ed25519')),
    ]);
    const token = await ours.tokens.mint('unsubscribe', examples.unsubscribe, noon);
    for (const { tokens } of [theirs, strangers]) {
      await expect(tokens.verify('unsubscribe', token, noon)).rejects.toMatchObject({
        code: 'INVALID_TOKEN',
      });
    }
  });
});
