/** Addresses in their normal form: which spellings are the same address, which are invalid, and the ids made from them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  composedAddress,
  decomposedAddress,
  fingerprintOf,
  normaliseAddress,
  subscriberIdsOf,
} from '../../../src/domain/consent/address.js';

const email = (text: string) => normaliseAddress('EMAIL', text);

describe('an e-mail address', () => {
  it.each([
    ['  Alice@Example.COM \t', 'alice@example.com'],
    ['alice@bücher.example', 'alice@xn--bcher-kva.example'],
    ['alice@XN--BCHER-KVA.example', 'alice@xn--bcher-kva.example'],
    ['ÅSE@example.com', 'åse@example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
    ['mu\u0308ller@example.com', 'm\u00fcller@example.com'],
    ['MU\u0308LLER@example.com', 'm\u00fcller@example.com'],
  ])('normalises %j to %j', (text, address) => {
    expect(email(text)).toBe(address);
  });

  it.each([
    ['a.lice@gmail.com', 'alice@gmail.com'],
    ['alice+shop@example.com', 'alice@example.com'],
    ['alice@googlemail.com', 'alice@gmail.com'],
    ['alice@example.com', 'alice@www.example.com'],
  ])('keeps %s apart from %s: nothing else is folded', (one, other) => {
    expect(email(one)).not.toBe(email(other));
  });

  it.each([
    '',
    ' ',
    'alice',
    '@example.com',
    'alice@',
    'alice@localhost',
    'alice@example',
    'alice@@example.com',
    'alice@example.com, bob@example.com',
    'alice@example.com;bob@example.com',
    'alice@example.com bob@example.com',
    'Alice <alice@example.com>',
    '"alice"@example.com',
    '"a,b"@example.com',
    'alice(comment)@example.com',
    'alice@[127.0.0.1]',
    'alice@127.0.0.1',
    'alice@example.com\r\nBcc: bob@example.com',
    'ali\r\nce@example.com',
    'alice@exam\nple.com',
    'alice@exam\tple.com',
    'alice@example.com/path',
    'alice@example.com?subject=x',
    'alice@example.com#fragment',
    'alice@example.com:25',
    'alice@exa%6dple.com',
    'alice@example.com\\bob',
    'alice@example..com',
    'alice.@example.com',
    'al\u0000ice@example.com',
    'al\u202eice@example.com',
    'alice@exam\u00adple.com',
    `${'a'.repeat(65)}@example.com`,
    `alice@${'a'.repeat(250)}.example`,
  ])('refuses %j', (text) => {
    expect(() => email(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }) as Error);
  });

  it('keeps a normalised address as it is when it is normalised again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        let address;
        try {
          address = email(text);
        } catch {
          return;
        }
        expect(email(address)).toBe(address);
        expect(email(` ${address.toUpperCase().toLowerCase()} `)).toBe(address);
        // A header or an envelope may hold one plain address only.
        expect(address).not.toMatch(/[\s\p{Cc}<>,;:"()[\]\\]/u);
        expect(address.split('@')).toHaveLength(2);
      }),
      { numRuns: 2000 },
    );
  });
});

it('gives composed and decomposed spellings the same id', () => {
  const idOf = subscriberIdsOf('a key');
  const local = fc.string({ unit: fc.constantFrom(...'aouéüøßåñżΰ가'), minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(local, fc.constantFrom('NFC', 'NFD'), (text, form) => {
      const composed = email(`${text}@example.com`);
      const other = email(`${text.normalize(form)}@example.com`);
      expect(idOf('EMAIL', other)).toBe(idOf('EMAIL', composed));
      expect(composedAddress(decomposedAddress('EMAIL', composed) ?? composed)).toBe(composed);
    }),
  );
});

describe('a phone number', () => {
  it.each([
    ['+47 900 00 000', '+4790000000'],
    ['+1 (555) 010-0123', '+15550100123'],
    ['+44.7700.900123', '+447700900123'],
  ])('normalises %s to %s', (text, number) => {
    expect(normaliseAddress('SMS', text)).toBe(number);
    expect(normaliseAddress('WHATSAPP', text)).toBe(number);
  });

  it.each([
    '',
    '90000000',
    '004790000000',
    '+0123456789',
    '+47',
    '+4790000000000000',
    '+47abc',
    'alice@example.com',
  ])('refuses %j', (text) => {
    expect(() => normaliseAddress('SMS', text)).toThrow(
      expect.objectContaining({ code: 'INVALID_ADDRESS' }) as Error,
    );
  });
});

describe('the subscriber id', () => {
  const idOf = subscriberIdsOf('a key');

  it('is 128 bits in base64url, the same each time, and reveals nothing about the address', () => {
    const id = idOf('EMAIL', 'alice@example.com');
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(idOf('EMAIL', 'alice@example.com')).toBe(id);
    expect(Buffer.from(id, 'base64url')).toHaveLength(16);
  });

  it('differs by address, by channel and by key', () => {
    const ids = [
      idOf('EMAIL', 'alice@example.com'),
      idOf('EMAIL', 'bob@example.com'),
      idOf('SMS', '+4790000000'),
      idOf('WHATSAPP', '+4790000000'),
      subscriberIdsOf('another key')('EMAIL', 'alice@example.com'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('comes with a fingerprint of its key, which differs by key', () => {
    expect(fingerprintOf('a key')).toBe(fingerprintOf('a key'));
    expect(fingerprintOf('a key')).not.toBe(fingerprintOf('another key'));
  });
});
