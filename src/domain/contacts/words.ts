/** What a contact is searched and sorted by: words, of which a search gives the beginnings, and one key for each order. */
import type { Contact } from '../../models/contact.js';

type Named = Pick<Contact, 'firstName' | 'lastName' | 'email' | 'phone'>;

/** Longest word that is kept or searched for, in UTF-16 units. */
const longestWord = 100;
/** Sorts after everything else. */
const last = '\uffff';
/** Ends what somebody typed in a key; lower than anything that can be typed there. */
const separator = '\t';

/** The words of a contact: its names, its e-mail address whole and in parts, its phone number with and without the plus. */
export function wordsOf({ firstName, lastName, email, phone }: Named): string[] {
  const [local = '', domain = ''] = email?.split(/@(?=[^@]*$)/) ?? [];
  const words = [
    ...searchWords(`${firstName} ${lastName}`),
    ...(email ? [email, domain, ...searchWords(local.replace(/[._+-]+/g, ' '))] : []),
    ...(phone ? [phone, phone.slice(1)] : []),
  ];
  return [...new Set(words.map(foldedWord))].filter(Boolean);
}

/** What somebody searches for, as beginnings of words; accents and case count for nothing. */
export function searchWords(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map(foldedWord)
    .filter(Boolean)
    .slice(0, 8);
}

function foldedWord(word: string): string {
  return word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().slice(0, longestWord);
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
