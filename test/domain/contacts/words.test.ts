/** How contacts are found: letters of other keyboards, addresses as people write them, the beginning of a number. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchWords, wordsOf } from '../../../src/domain/contacts/words.js';

const nobody = { firstName: '', lastName: '', email: null, phone: null };
type Named = Parameters<typeof wordsOf>[0];
/** As in the database: each word of the search begins a word of the contact. */
const isFound = (contact: Partial<Named>, search: string) => {
  const words = wordsOf({ ...nobody, ...contact });
  return searchWords(search).every((word) => words.some((one) => one.startsWith(word)));
};

describe('searching by name', () => {
  it.each([
    ['Sørensen', 'Sorensen'],
    ['Łukasz', 'Lukasz'],
    ['Weiß', 'Weiss'],
    ['Æsa', 'Aesa'],
    ['Đorđe', 'Dorde'],
    ['Işık', 'isik'],
    ['Þóra', 'Thora'],
    ['Zażółć', 'zazolc'],
    ['İpek', 'ipek'],
  ])('finds %s as %s, and the reverse', (one, other) => {
    for (const [lastName, search] of [
      [one, other],
      [other, one],
      [one, one],
      [one.toUpperCase(), other],
      [one.normalize('NFD'), one.normalize('NFC')],
      [one, other.slice(0, 3)],
    ] as const)
      expect(isFound({ lastName }, search), `${lastName} by ${search}`).toBe(true);
  });

  it('does not find a different name', () => {
    expect(isFound({ lastName: 'Sørensen' }, 'Soerensen')).toBe(false);
  });
});

describe('searching by e-mail address', () => {
  it.each([
    'anna@bücher.example',
    'anna@xn--bcher-kva.example',
    'anna@bu',
    'bücher.example',
    'xn--bcher',
    'Anna <anna@bücher.example>',
    'Somebody Else <anna@bücher.example>',
    'mailto:anna@bücher.example',
    '<anna@bücher.example>.',
    'anna@b\u200bücher.example',
    'anna lee@bücher',
  ])('finds a domain in its own letters by %j', (search) => {
    const contact = { email: 'anna@xn--bcher-kva.example', firstName: 'Lee@Bücher' };
    expect(isFound(contact, search)).toBe(true);
  });
});

describe('searching by phone number', () => {
  it.each([
    ['+4790000001', ['+47 900 00 001', '+47900', '0047 900 00', '900 00 001', '90000', '47900', '+47-900']],
    ['+447700900123', ['07700 900123', '+44 (0)7700', '7700 900', '0044 7700']],
    ['+390612345678', ['06 1234', '+39 06']],
  ])('finds %s by each of %j', (phone, searches) => {
    for (const search of searches) expect(isFound({ phone }, search), search).toBe(true);
  });
});

it('every contact is found by its full names, address and number', () => {
  const name = fc.string({ unit: fc.constantFrom(..."aøłßæđıÉñ-'z") });
  // A quotation mark before an address is treated as a spreadsheet's.
  const email = fc.emailAddress().filter((one) => !one.startsWith("'"));
  fc.assert(
    fc.property(name, name, email, (firstName, lastName, address) => {
      const contact = { firstName, lastName, email: address.toLowerCase(), phone: '+4790000001' };
      for (const search of [firstName, lastName, `${lastName}, ${firstName}`, contact.email, contact.phone])
        expect(isFound(contact, search)).toBe(true);
    }),
  );
});
