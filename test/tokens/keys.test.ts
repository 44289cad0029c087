/** The key file: rotated without loss, read again when it changes, and refused when a key is unsuitable. */
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { publicKeySet, readKeySet, rotateKeys } from '../../src/tokens/keys.js';
import { emptyKeyFile, keyFileOf, noon, tokensOf } from '../support/key-file.js';

const claims = { subscriberId: 'k3yedHashOfAliceAdr00A', unitId: 1, epoch: 0 };

async function keysIn(file: string): Promise<JWK[]> {
  return (JSON.parse(await readFile(file, 'utf8')) as { keys: JWK[] }).keys;
}

async function fileWith(keys: unknown[] | string): Promise<string> {
  const file = await emptyKeyFile();
  await writeFile(file, typeof keys === 'string' ? keys : JSON.stringify({ keys }));
  return file;
}

describe('rotating keys', () => {
  it('creates the file, readable by its owner only, and leaves no other file', async () => {
    const file = await emptyKeyFile();
    const kid = await rotateKeys(file, 'Ed25519', noon);
    expect(kid).toMatch(/^[0-9a-f]{6}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(file))).toEqual(['keys.json']);
  });

  it('lets the new key sign and every older one verify', async () => {
    const file = await keyFileOf('HS256', 'ES256');
    const before = await tokensOf(file, { algorithm: 'ES256' });
    const old = await before.tokens.mint('unsubscribe', claims, noon);
    const kid = await rotateKeys(file, 'Ed25519', noon);
    const { tokens } = await tokensOf(file);
    expect(decodeProtectedHeader(await tokens.mint('unsubscribe', claims, noon)).kid).toBe(kid);
    expect((await tokens.verify('unsubscribe', old, noon)).claims).toEqual(claims);
  });

  it('deletes the private part of a retired key', async () => {
    const file = await keyFileOf('Ed25519', 'ES256', 'Ed25519');
    expect((await keysIn(file)).map((key) => ['d' in key, key.key_ops])).toEqual([
      [false, ['verify']],
      [false, ['verify']],
      [true, ['sign']],
    ]);
  });

  it('loses nothing when many rotate at once', async () => {
    const file = await emptyKeyFile();
    const kids = await Promise.all(Array.from({ length: 8 }, () => rotateKeys(file, 'Ed25519', noon)));
    expect((await readKeySet(file)).map((key) => key.kid).sort()).toEqual(kids.sort());
  });

  it('lets the new key sign even after the clock was set back', async () => {
    const file = await keyFileOf('Ed25519');
    const kid = await rotateKeys(file, 'Ed25519', new Date(noon.getTime() - 86_400_000));
    expect((await readKeySet(file)).at(-1)).toMatchObject({ kid, createdAt: noon.getTime() / 1000 });
  });

  it('refuses to add to a file of public keys, and does not change it', async () => {
    const file = await fileWith((await publicKeySet(await keyFileOf('Ed25519'))).keys);
    const before = await readFile(file, 'utf8');
    await expect(rotateKeys(file, 'Ed25519', noon)).rejects.toMatchObject({
      code: 'INVALID_KEYS',
      message: `The key file ${file} holds public keys only; rotate where the private keys are.`,
    });
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

describe('the public keys', () => {
  it('are the asymmetric ones, oldest first, without their private parts', async () => {
    const { keys } = await publicKeySet(await keyFileOf('HS256', 'ES256', 'Ed25519'));
    expect(keys.map((key) => [key.alg, Object.keys(key).sort()])).toEqual([
      ['ES256', ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
      ['Ed25519', ['alg', 'crv', 'kid', 'kty', 'use', 'x']],
    ]);
  });

  it('are enough for a process that only serves public pages and cannot make links', async () => {
    const whole = await keyFileOf('ES256', 'Ed25519');
    const maker = await tokensOf(whole);
    const { tokens } = await tokensOf(await fileWith((await publicKeySet(whole)).keys));
    const token = await maker.tokens.mint('unsubscribe', claims, noon);
    expect((await tokens.verify('unsubscribe', token, noon)).claims).toEqual(claims);
    await expect(tokens.mint('unsubscribe', claims, noon)).rejects.toMatchObject({ code: 'INVALID_KEYS' });
    expect(tokens.jwks()).toEqual(maker.tokens.jwks());
  });
});

describe('a running process', () => {
  it('signs with the new key within seconds of a rotation', { timeout: 15_000 }, async () => {
    const file = await keyFileOf('Ed25519');
    const { tokens } = await tokensOf(file);
    const kid = await rotateKeys(file, 'Ed25519', noon);
    const signedBy = async () => decodeProtectedHeader(await tokens.mint('unsubscribe', claims, noon)).kid;
    for (let tries = 0; tries < 50 && (await signedBy()) !== kid; tries += 1) await pause(100);
    expect(await signedBy()).toBe(kid);
  });

  it('accepts a link that another process signed with a newer key at once', async () => {
    const file = await keyFileOf('Ed25519');
    const here = await tokensOf(file);
    await rotateKeys(file, 'Ed25519', noon);
    const there = await tokensOf(file);
    const token = await there.tokens.mint('unsubscribe', claims, noon);
    await pause(250);
    expect((await here.tokens.verify('unsubscribe', token, noon)).claims).toEqual(claims);
  });

  it('keeps its keys when the new file is broken, and warns once', { timeout: 15_000 }, async () => {
    const file = await keyFileOf('Ed25519');
    const { tokens, warnings } = await tokensOf(file);
    const token = await tokens.mint('unsubscribe', claims, noon);
    await writeFile(file, '{"keys": [');
    for (let tries = 0; tries < 50 && warnings.length === 0; tries += 1) await pause(100);
    await pause(2200);
    expect(warnings).toEqual([
      `The key file ${file} is not a JSON Web Key Set. The keys read before stay in use.`,
    ]);
    expect((await tokens.verify('unsubscribe', token, noon)).claims).toEqual(claims);
  });

  it('reports when the setting names another algorithm than the signing key’s', async () => {
    const { warnings } = await tokensOf(await keyFileOf('ES256'), { algorithm: 'Ed25519' });
    expect(warnings).toEqual([
      'Links are signed with ES256, but the setting says Ed25519: run "sayso keys rotate".',
    ]);
  });
});

describe('an unsuitable key file', () => {
  const ed = { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519' };
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  const secret = 'c2hvcnQta2V5LW9mLXNlY3JldA';

  it.each<[string, unknown[] | string, string]>([
    ['is not JSON', 'kid: 1', 'is not a JSON Web Key Set'],
    ['is JSON of something else', '{"key": []}', 'is not a JSON Web Key Set'],
    ['has no keys', [], 'has no keys; "sayso keys rotate" makes one'],
    [
      'has a key without a kid',
      [
        { ...ed, kid: 'one', x },
        { ...ed, x },
      ],
      'has a key without a kid, number 2',
    ],
    [
      'has a long kid',
      [{ ...ed, kid: 'a'.repeat(9), x }],
      'has a kid that is not 1 to 8 letters, digits, "-" or "_": key number 1',
    ],
    [
      'has two keys of one kid',
      [
        { ...ed, kid: 'one', x },
        { ...ed, kid: 'one', x },
      ],
      'has two keys with the kid one',
    ],
    [
      'has a short HMAC key',
      [{ kty: 'oct', kid: 'one', alg: 'HS256', k: secret }],
      'has a key, one, that is shorter than 32 bytes',
    ],
    [
      'has an unknown algorithm',
      [{ ...ed, kid: 'one', x, alg: 'RS256' }],
      'has a key, one, whose alg is none of Ed25519, ES256, HS256',
    ],
    [
      'has a key without algorithm',
      [{ kty: 'OKP', crv: 'Ed25519', kid: 'one', x }],
      'has a key, one, whose alg is none of Ed25519, ES256, HS256',
    ],
    ['has half a key', [{ ...ed, kid: 'one' }], 'has a key, one, that is not a whole Ed25519 key'],
    [
      'has a key for encryption',
      [{ ...ed, kid: 'one', x, use: 'enc' }],
      'has a key, one, that is not a whole Ed25519 key',
    ],
    [
      'has a key of another curve',
      [{ ...ed, kid: 'one', x, crv: 'X25519' }],
      'has a key, one, that is not a whole Ed25519 key',
    ],
    [
      'has a private part of another key',
      [{ ...ed, kid: 'one', x, d: x }],
      'has a key, one, whose parts do not make one Ed25519 key',
    ],
    [
      'has a point that is not on the curve',
      [{ kty: 'EC', crv: 'P-256', alg: 'ES256', kid: 'one', x, y: x }],
      'has a key, one, whose parts do not make one ES256 key',
    ],
  ])('is refused when it %s, in one sentence that shows no key', async (_, keys, what) => {
    const file = await fileWith(keys);
    const fault = await readKeySet(file).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'INVALID_KEYS', message: `The key file ${file} ${what}.` });
    expect(fault).not.toHaveProperty('cause');
  });

  it('is requested by name when it is missing', async () => {
    const file = await emptyKeyFile();
    await expect(readKeySet(file)).rejects.toMatchObject({
      code: 'INVALID_KEYS',
      message: `There is no key file ${file}; "sayso keys rotate" makes one.`,
    });
  });
});
