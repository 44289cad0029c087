/** Reads an address as people type, paste or list it. */
import { DomainError } from '../../errors.js';
import { normaliseAddress } from './address.js';
import { nationalNumber } from './phone-library.js';
import type { Channel } from '../../vocabulary/terms.js';

export interface AddressReading {
  /** The account's country (ISO 3166-1 alpha-2), whose numbers may be written without their country code; absent for none. */
  defaultCountry?: string | null;
}

/** Far longer than any address with a display name. */
const longestText = 1000;
/**
 * Zero-width characters, bidirectional marks, soft hyphens: an address with one of them looks like the address without
 * it.
 */
const invisible = /\p{Cf}/gu;
const aroundAddresses = /^[\s,;:'"‘’“”]+|[\s.,;:'"‘’“”]+$/gu;

/**
 * Reads one address: `Ann Lee <ann@example.com>`, `mailto:ann@example.com?subject=Hello`, `ann@bücher.example.`, `+47 900 00 001`,
 * `0047 900 00 001`, and with a default country `900 00 001`.
 * @returns the address in its normal form (`normaliseAddress`)
 * @throws DomainError `INVALID_ADDRESS` for anything that is not exactly one address
 */
export function readAddress(channel: Channel, text: string, reading: AddressReading = {}): string {
  const visible = text.length > longestText ? '' : text.replace(invisible, '');
  return normaliseAddress(channel, channel === 'EMAIL' ? plainEmail(visible) : plainNumber(visible, reading));
}

/** The same for a form field: null if it is not an address. */
export function addressOrNull(channel: Channel, text: string, reading: AddressReading = {}): string | null {
  try {
    return readAddress(channel, text, reading);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_ADDRESS') return null;
    throw error;
  }
}

/** Removes what is written around an address, repeatedly, until nothing more is found. */
function plainEmail(text: string): string {
  let plain = text.replaceAll('＠', '@').trim();
  for (;;) {
    const inner = withoutScheme(withoutName(plain)).replace(aroundAddresses, '');
    if (inner === plain) return plain;
    plain = inner;
  }
}

/** RFC 5322, section 3.4: a display name, then the address in angle brackets. */
function withoutName(text: string): string {
  return /^[^<>]*<([^<>]*)>[\s.,;]*$/u.exec(text)?.[1] ?? text;
}

/** RFC 6068: a subject and other fields follow the question mark; characters may be percent-encoded. */
function withoutScheme(text: string): string {
  const to = /^mailto:([^?]*)/i.exec(text)?.[1];
  if (to === undefined) return text;
  try {
    return decodeURIComponent(to);
  } catch {
    return to;
  }
}

function plainNumber(text: string, { defaultCountry = null }: AddressReading): string {
  const plain = text
    .normalize('NFKC')
    .replace(aroundAddresses, '')
    .replace(/^(tel|sms):/i, '')
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replace(/^00/, '+');
  // The national prefix in brackets is dialled at home only, and is not part of the number (ITU-T E.123, section 7.2).
  if (plain.startsWith('+')) return plain.replace(/\(0\)/, '');
  return (defaultCountry && nationalNumber(plain, defaultCountry)) || plain;
}
