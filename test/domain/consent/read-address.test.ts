/** Addresses and numbers as people write them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseAddress } from '../../../src/domain/consent/address.js';
import { addressOrNull, readAddress } from '../../../src/domain/consent/read-address.js';
import { shownAddress } from '../../../src/domain/consent/shown-address.js';

const invalid = expect.objectContaining({ code: 'INVALID_ADDRESS' }) as Error;

describe('an e-mail address as people write it', () => {
  it.each([
    ['<ann@example.com>', 'ann@example.com'],
    ['Ann Lee <Ann@Example.com>', 'ann@example.com'],
    ['"Lee, Ann" <ann@example.com>', 'ann@example.com'],
    ['mailto:ann@example.com', 'ann@example.com'],
    ['MAILTO:ann%2Bshop@example.com?subject=Hello%20there', 'ann+shop@example.com'],
    ['<mailto:ann@example.com>', 'ann@example.com'],
    ['ann@example.com.', 'ann@example.com'],
    ['ann@example.com,', 'ann@example.com'],
    ['Ann <ann@example.com>;', 'ann@example.com'],
    ["'ann@example.com'", 'ann@example.com'],
    ["'ann@example.com", 'ann@example.com'],
    ['“ann@example.com”', 'ann@example.com'],
    ['\u00a0ann@example.com\u00a0', 'ann@example.com'],
    ['\ufeffann\u200b@exam\u00adple.com\u200f', 'ann@example.com'],
    ['\u202aann@example.com\u202c', 'ann@example.com'],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
    ['Anna <anna@BÜCHER.example>.', 'anna@xn--bcher-kva.example'],
    ['ann＠example.com', 'ann@example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
  ])('reads %j as %j', (text, address) => {
    expect(readAddress('EMAIL', text)).toBe(address);
  });

  it.each([
    '',
    'ann',
    'Ann <>',
    'ann@example.com, bob@example.com',
    'Ann <ann@example.com>, Bob <bob@example.com>',
    'ann@example.com bob@example.com',
    'ann @example.com',
    'mailto:ann@example.com%0d%0aBcc:bob@example.com',
    'ann@example.com\r\nBcc: bob@example.com',
    '.ann@example.com',
    `Ann <ann@example.com>${' '.repeat(1000)}`,
  ])('refuses %j', (text) => {
    expect(() => readAddress('EMAIL', text)).toThrow(invalid);
    expect(addressOrNull('EMAIL', text)).toBeNull();
  });

  it('gives the same address when its result or its shown form is read again', () => {
    const around = fc.constantFrom('', ' ', '<', '>', 'mailto:', '.', ',', "'", '\u200b', '\u00a0', 'Ann <');
    const domain = fc.constantFrom('example.com', 'bücher.example', 'пример.рф', 'аррӏе.example');
    const local = fc.oneof(
      fc.emailAddress().map((one) => one.split('@')[0] ?? ''),
      fc.string(),
    );
    fc.assert(
      fc.property(around, local, domain, around, (before, name, host, after) => {
        const address = addressOrNull('EMAIL', `${before}${name}@${host}${after}`);
        if (address === null) return;
        expect(readAddress('EMAIL', address)).toBe(address);
        expect(normaliseAddress('EMAIL', address)).toBe(address);
        expect(readAddress('EMAIL', shownAddress(address))).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a phone number as people write it', () => {
  it.each([
    ['+47 900 00 001', '+4790000001'],
    ['0047 900 00 001', '+4790000001'],
    ['(+47) 900-00-001', '+4790000001'],
    ['tel:+47-900-00-001', '+4790000001'],
    ['\u202a+47\u00a0900\u00a000\u00a0001\u202c', '+4790000001'],
    ["'+4790000001", '+4790000001'],
    ['+47 900–00–001', '+4790000001'],
    ['+44 (0)7700 900123', '+447700900123'],
    ['＋４７９００００００１', '+4790000001'],
  ])('reads %j as %j in any account', (text, number) => {
    expect(readAddress('SMS', text)).toBe(number);
    expect(readAddress('WHATSAPP', text, { defaultCountry: 'GB' })).toBe(number);
  });

  it.each([
    ['NO', '900 00 001', '+4790000001'],
    ['GB', '07700 900123', '+447700900123'],
    ['IT', '06 1234 5678', '+390612345678'],
    ['US', '(212) 555-0123', '+12125550123'],
    ['US', '011 47 900 00 001', '+4790000001'],
    ['DE', '030 / 1234567', '+49301234567'],
  ])('reads in an account of %s the input %j as %j', (defaultCountry, text, number) => {
    expect(readAddress('SMS', text, { defaultCountry })).toBe(number);
    expect(() => readAddress('SMS', text)).toThrow(invalid);
  });

  it.each([
    '',
    '12',
    '12345',
    '900 00 001 or 900 00 002',
    'ann@example.com',
    '+47',
    '+4790000001 ext. 5',
    '900 00 001 x5',
  ])('refuses %j', (text) => {
    expect(() => readAddress('SMS', text, { defaultCountry: 'NO' })).toThrow(invalid);
  });

  it('keeps a known number whatever the country of the account', () => {
    const digits = fc.stringMatching(/^[1-9]\d{6,14}$/);
    fc.assert(
      fc.property(digits, fc.constantFrom(null, 'NO', 'AR', 'MX'), (number, defaultCountry) => {
        expect(readAddress('SMS', `+${number}`, { defaultCountry })).toBe(`+${number}`);
      }),
      { numRuns: 1000 },
    );
  });
});
