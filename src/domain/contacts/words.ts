/** What a contact is searched and sorted by: words, of which a search gives the beginnings, and one key for each order. */
import { domainToUnicode } from 'node:url';
import type { Contact } from '../../models/contact.js';
import { withoutCountryCode } from '../consent/phone-library.js';
import { addressOrNull } from '../consent/read-address.js';

type Named = Pick<Contact, 'firstName' | 'lastName' | 'email' | 'phone'>;

/** Longest word that is kept or searched for, in UTF-16 units. */
const longestWord = 100;
/** Sorts after everything else. */
const last = '\uffff';
/** Ends what somebody typed in a key; lower than anything that can be typed there. */
const separator = '\t';

/** Letters that are no letter with an accent to Unicode, and that people type as these on other keyboards. */
const alike: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i' },
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
};

/** The words of a contact: its names, its e-mail address whole and in parts, its phone number as it is dialled abroad and at home. */
export function wordsOf({ firstName, lastName, email, phone }: Named): string[] {
  const words = [...wordsIn(`${firstName} ${lastName}`), ...emailWords(email), ...phoneWords(phone)];
  return [...new Set(words.map(foldedWord))].filter(Boolean);
}

/** With the domain in ASCII and in its own letters. */
function emailWords(email: string | null): string[] {
  const [local = '', domain = ''] = email?.split(/@(?=[^@]*$)/) ?? [];
  const own = domainToUnicode(domain);
  return email ? [email, domain, `${local}@${own}`, own, ...wordsIn(local.replace(/[._+-]+/g, ' '))] : [];
}

function phoneWords(phone: string | null): string[] {
  if (!phone) return [];
  const national = withoutCountryCode(phone) ?? '';
  // In most countries a number that is dialled at home begins with a 0.
  return [
    phone,
    phone.slice(1),
    national,
    ...(national && !national.startsWith('0') ? [`0${national}`] : []),
  ];
}

/**
 * What somebody searches for, as beginnings of words; accents and case count for nothing. A text that is one address as people write it, or
 * the beginning of a number, is one word.
 */
export function searchWords(text: string): string[] {
  const written = text.replace(/\p{Cf}/gu, '').trim();
  if (/^[+\d\s().\-\p{Pd}]*$/u.test(written) && /\d{2}/.test(written)) return [digitsOf(written)];
  const address = written.includes('@') ? addressOrNull('EMAIL', written) : null;
  return address ? [foldedWord(address)] : wordsIn(written);
}

function digitsOf(written: string): string {
  const digits = written.replace(/\(0\)/, '').replaceAll(/[^+\d]/g, '');
  return digits.replace(/^00/, '+').slice(0, longestWord);
}

function wordsIn(text: string): string[] {
  return text
    .split(/[\s,;<>]+/)
    .map((word) => foldedWord(word.replace(/^mailto:|\.$/gi, '')))
    .filter(Boolean)
    .slice(0, 8);
}

function foldedWord(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}|\p{Cf}/gu, '')
    .replace(/[^\0-\x7f]/g, (letter) => alike[letter] ?? letter)
    .slice(0, longestWord);
}

/** The sort keys: by name (by address where it has none), by e-mail address (those without come last), by the time it was added. */
export function keysOf(
  contact: Named & Pick<Contact, '_id' | 'createdAt'>,
): Pick<Contact, 'nameKey' | 'emailKey' | 'addedKey'> {
  const { _id, email, phone, createdAt } = contact;
  const key = (text: string) => `${text.toLowerCase().slice(0, 200)}${separator}${_id}`;
  return {
    nameKey: key(displayName(contact) || email || phone || last),
    emailKey: key(email ?? last),
    addedKey: `${createdAt.toISOString()}${separator}${_id}`,
  };
}

/** First and last name as a page says them; empty where there is neither. */
export function displayName({ firstName, lastName }: Pick<Contact, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim();
}
