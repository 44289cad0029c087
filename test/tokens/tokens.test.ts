/** Tokens: what each kind carries, how long it is valid, and that no kind is accepted as another. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { tokenAlgorithms } from '../../src/config.js';
import { tokenKinds } from '../../src/tokens/kinds.js';
import type { TokenClaims, TokenKind } from '../../src/tokens/kinds.js';
import { keyFileOf, noon, tokensOf } from '../support/key-file.js';

const subscriberId = 'k3yedHashOfAliceAdr00A';
const examples: TokenClaims = {
  preferences: { subscriberId, unitId: 0, typeId: 12, locale: 'nb', epoch: 3, campaign: 'spring-2026' },
  unsubscribe: { subscriberId, unitId: 7, epoch: 0 },
  confirm: { subscriberId, unitId: 1, epoch: 1, pendingId: '0199c0de-0000-7000-8000-000000000001' },
};
const kinds = ['preferences', 'unsubscribe', 'confirm'] as const satisfies TokenKind[];
const day = 86_400_000;

describe.each(tokenAlgorithms)('tokens signed with %s', (algorithm) => {
  it.each(kinds)('returns the contents of a %s token', async (kind) => {
    const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
    const token = await tokens.mint(kind, examples[kind], noon);
    const verified = await tokens.verify(kind, token, noon);
    expect(verified).toMatchObject({ kind, claims: examples[kind], issuedAt: noon, isExpired: false });
    expect(verified.claims).toEqual(examples[kind]);
  });

  it('never accepts a token of one kind as another', async () => {
    const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
    for (const made of kinds) {
      const token = await tokens.mint(made, examples[made], noon);
      for (const asked of kinds.filter((kind) => kind !== made)) {
        await expect(tokens.verify(asked, token, noon)).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
      }
    }
  });
});

describe('a token', () => {
  it('carries the short claims, its own type and the kid, and no address', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const token = await tokens.mint('preferences', examples.preferences, noon);
    const kid = tokens.jwks().keys[0]?.kid;
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'Ed25519', typ: 'prefs+jwt', kid });
    expect(decodeJwt(token)).toEqual({
      iss: 'sayso',
      aud: 'prefs',
      sub: subscriberId,
      bu: 0,
      st: 12,
      lang: 'nb',
      cmp: 'spring-2026',
      v: 3,
      iat: noon.getTime() / 1000,
      exp: noon.getTime() / 1000 + 180 * 86_400,
    });
  });

  it('can be verified by anyone with the public keys', async () => {
    const { tokens } = await tokensOf(await keyFileOf('ES256', 'HS256', 'Ed25519'));
    const token = await tokens.mint('unsubscribe', examples.unsubscribe, noon);
    const { payload } = await jwtVerify(token, createLocalJWKSet(tokens.jwks()), {
      algorithms: ['Ed25519'],
      ...tokenKinds.unsubscribe,
      issuer: 'sayso',
    });
    expect(payload.sub).toBe(subscriberId);
  });

  it('cuts the time to whole seconds', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const token = await tokens.mint('unsubscribe', examples.unsubscribe, new Date(noon.getTime() + 999));
    expect((await tokens.verify('unsubscribe', token, noon)).issuedAt).toEqual(noon);
  });

  it.each<[string, TokenClaims['preferences']]>([
    ['a label with a space', { ...examples.preferences, campaign: 'spring sale' }],
    ['a label of 41 characters', { ...examples.preferences, campaign: 'x'.repeat(41) }],
    ['a type that is not a whole number', { ...examples.preferences, typeId: 1.5 }],
    ['a negative unit', { ...examples.preferences, unitId: -1 }],
    [
      'an address where the subscriber id belongs',
      { ...examples.preferences, subscriberId: 'alice@example.com' },
    ],
    ['an invalid locale', { ...examples.preferences, locale: '../en' }],
    ['both a label and who copied it', { ...examples.preferences, copiedBy: 'user-1' }],
    [
      'an address where the user id belongs',
      { subscriberId, unitId: 0, epoch: 0, copiedBy: 'ida@example.com' },
    ],
  ])('is never made with %s', async (_, claims) => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    await expect(tokens.mint('preferences', claims, noon)).rejects.toMatchObject({ code: 'INVALID_FORM' });
  });
});

it('the token of a copied link says who copied it', async () => {
  const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
  const claims = { subscriberId, unitId: 0, epoch: 0, copiedBy: 'AbC_123-xyz9' };
  const token = await tokens.mint('preferences', claims, noon);
  expect(decodeJwt(token)['by']).toBe('AbC_123-xyz9');
  expect((await tokens.verify('preferences', token, noon)).claims).toEqual(claims);
});

describe('the lifetime of a token', () => {
  it('ends for a preference link after the configured days, and its signature is still valid', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'), { linkLifetimeDays: 30 });
    const token = await tokens.mint('preferences', examples.preferences, noon);
    const end = new Date(noon.getTime() + 30 * day);
    const before = await tokens.verify('preferences', token, new Date(end.getTime() - 1000));
    const after = await tokens.verify('preferences', token, end);
    expect(before).toMatchObject({ isExpired: false, expiresAt: end });
    expect(after).toMatchObject({ isExpired: true, expiresAt: end, claims: examples.preferences });
  });

  it('ends for a confirmation after 48 hours', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const token = await tokens.mint('confirm', examples.confirm, noon);
    const at = (hours: number) => new Date(noon.getTime() + hours * 3_600_000);
    expect((await tokens.verify('confirm', token, at(47.9))).isExpired).toBe(false);
    expect((await tokens.verify('confirm', token, at(48))).isExpired).toBe(true);
  });

  it('never ends for an unsubscribe link', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const token = await tokens.mint('unsubscribe', examples.unsubscribe, noon);
    const verified = await tokens.verify('unsubscribe', token, new Date(noon.getTime() + 20 * 365 * day));
    expect(verified).toMatchObject({ isExpired: false, expiresAt: null });
  });

  it.each(['preferences', 'confirm'] as const)(
    'of a %s link may begin at most five minutes ahead of the clock, and its signature is valid',
    async (kind) => {
      const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
      const inMinutes = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
      const soon = await tokens.mint(kind, examples[kind], inMinutes(5));
      const late = await tokens.mint(kind, examples[kind], inMinutes(6));
      expect((await tokens.verify(kind, soon, noon)).isExpired).toBe(false);
      expect(await tokens.verify(kind, late, noon)).toMatchObject({
        isExpired: true,
        claims: examples[kind],
      });
    },
  );

  it('has always begun for an unsubscribe link, whatever the clock says', async () => {
    const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
    const token = await tokens.mint('unsubscribe', examples.unsubscribe, new Date(noon.getTime() + 9 * day));
    expect((await tokens.verify('unsubscribe', token, noon)).isExpired).toBe(false);
  });
});
