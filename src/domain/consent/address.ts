/** Addresses: how they are compared, and turned into the subscriber id that links carry. */
import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import emailCheck from 'validator/lib/isEmail.js';
import { DomainError } from '../../errors.js';
import type { Channel } from '../../vocabulary/terms.js';

/** Turns channel and normalised address into the subscriber's id. */
export type SubscriberIds = (channel: Channel, address: string) => string;

/**
 * The form in which addresses are compared (specification "Terms", Subscriber): trimmed, domain in lower-case ASCII (IDNA), local part in
 * NFC and lower case, nothing else folded. Phone numbers are E.164.
 * @throws DomainError `INVALID_ADDRESS` for anything that is not exactly one address
 */
export function normaliseAddress(channel: Channel, text: string): string {
  const trimmed = text.trim();
  return channel === 'EMAIL' ? normaliseEmail(trimmed) : normalisePhone(trimmed);
}

function normaliseEmail(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = domainOf(text.slice(at + 1));
  const address = `${text.slice(0, Math.max(at, 0)).toLowerCase().normalize('NFC')}@${domain}`;
  // Quoted local parts are refused: they can hold commas and line breaks, and a message takes one plain address.
  if (
    !domain ||
    text.length > 320 ||
    /[\s\p{C}"<>,;:()[\]\\]/u.test(text) ||
    !emailCheck.default(address, { allow_utf8_local_part: true })
  ) {
    throw new DomainError('INVALID_ADDRESS', 'This is not an e-mail address.');
  }
  return address;
}

/**
 * `domainToASCII` reads a URL's host: it would drop a path or a query and decode `%6d`, and so turn other text into an
 * address.
 */
function domainOf(text: string): string {
  return /[/?#%\\]/.test(text) ? '' : domainToASCII(text).toLowerCase();
}

function normalisePhone(text: string): string {
  const digits = text.replace(/[\s().-]/g, '');
  if (!/^\+[1-9]\d{6,14}$/.test(digits)) {
    throw new DomainError(
      'INVALID_ADDRESS',
      'This is not a phone number with its country code, such as +4790000000.',
    );
  }
  return digits;
}

/**
 * Makes the function that names subscribers: HMAC-SHA-256 of channel and normalised address, the first 128 bits, base64url.
 * @param key the secret of `SUBSCRIBER_ID_KEY`. With another key, no known address would be found.
 */
export function subscriberIdsOf(key: string): SubscriberIds {
  return (channel, address) =>
    createHmac('sha256', key).update(`${channel}:${address}`).digest().subarray(0, 16).toString('base64url');
}

/** The address with a composed local part (NFC), for addresses that an older release stored as typed. */
export function composedAddress(address: string): string {
  return address.normalize('NFC');
}

/**
 * The address with the local part decomposed (NFD), as older releases may have hashed it; null if it is the same address. Ids of other,
 * partly composed spellings cannot be found once the address is gone (decision 0523).
 */
export function decomposedAddress(channel: Channel, address: string): string | null {
  const decomposed = address.normalize('NFD');
  return channel === 'EMAIL' && decomposed !== address ? decomposed : null;
}

/** A short public mark of the key, kept by the database so that a process with another key refuses to run. */
export function fingerprintOf(key: string): string {
  return createHmac('sha256', key).update('sayso subscriber id key').digest('base64url').slice(0, 22);
}
