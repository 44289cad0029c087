/** Search words and sort keys of a contact. A search matches beginnings of the words. */
import { domainToUnicode } from 'node:url';
import type { Contact } from '../../models/contact.js';
import { withoutCountryCode } from '../consent/phone-library.js';
import { addressOrNull } from '../consent/read-address.js';

type Named = Pick<Contact, 'firstName' | 'lastName' | 'email' | 'phone'>;

/** Maximum length of a stored or searched word, in UTF-16 units. */
const longestWord = 100;
/** Sorts after everything else. */
const last = '\uffff';
/** Ends the typed part of a key; sorts below every character that can be typed there. */
const separator = '\t';

/** Letters that Unicode does not decompose into a letter and an accent, and how people type them on other keyboards. */
const alike: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i' },
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
};

/** The words of a contact: its names, its e-mail address whole and in parts, its phone number in international and national form. */
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
  // In most countries a national number begins with a 0.
  return [
    phone,
    phone.slice(1),
    national,
    ...(national && !national.startsWith('0') ? [`0${national}`] : []),
  ];
}

/**
 * The searched text as beginnings of words, without accents and case. One whole address, or the beginning of a number, is one word.
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

/** The sort keys: by name (by address without a name), by e-mail address (those without come last), by the time of adding. */
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

/** First and last name for pages; empty if there is neither. */
export function displayName({ firstName, lastName }: Pick<Contact, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim();
}
