/** Addresses as pages show them: in the letters of their language, unless they could be mistaken for another. */
import { describe, expect, it } from 'vitest';
import { normaliseAddress } from '../../../src/domain/consent/address.js';
import { maskAddress, shownAddress } from '../../../src/domain/consent/shown-address.js';

describe('the domain of an address in its own letters', () => {
  it.each([
    'anna@bücher.example',
    'ola@blåbærsyltetøy.example',
    'ewa@żółć.pl',
    'jan@straße.example',
    'иван@пример.рф',
    'hanako@例え.テスト',
    'ann@example.com',
    '+4790000001',
  ])('shows %s', (address) => {
    const channel = address.startsWith('+') ? 'SMS' : 'EMAIL';
    expect(shownAddress(normaliseAddress(channel, address))).toBe(address);
  });
});

describe('the domain of an address in ASCII', () => {
  it.each([
    ['where a Cyrillic label could be read as a Latin one', 'ann@аррӏе.com'],
    ['where a label mixes scripts', 'ann@аpple.com'],
    ['where a letter looks like an i', 'ann@wıkipedia.org'],
    ['where its labels are in two scripts', 'ann@пример.example'],
    ['where it holds a sign that is not a letter', 'ann@i❤.ws'],
  ])('stays %s', (_, address) => {
    expect(shownAddress(normaliseAddress('EMAIL', address))).toMatch(/^ann@[a-z0-9.-]*xn--[a-z0-9.-]+$/);
  });

  it('stays where it is not valid punycode', () => {
    expect(shownAddress('ann@xn--a.example')).toBe('ann@xn--a.example');
  });
});

describe('a masked address', () => {
  it.each([
    ['EMAIL', 'alice@example.com', 'a••••@example.com'],
    ['EMAIL', 'a@example.com', 'a••••@example.com'],
    ['EMAIL', '🦊fox@example.com', '🦊••••@example.com'],
    ['EMAIL', 'anna@xn--bcher-kva.example', 'a••••@bücher.example'],
    ['SMS', '+4790004567', '••••••4567'],
    ['EMAIL', null, ''],
  ] as const)('for %s %s is %s', (channel, address, masked) => {
    expect(maskAddress(channel, address)).toBe(masked);
  });
});
