/** How people see an address: its domain in the letters of its language, unless that could pass for another domain. */
import { domainToASCII, domainToUnicode } from 'node:url';
import type { Channel } from '../../vocabulary/terms.js';

/** Letters of European languages that are not a to z with a mark, and that cannot be confused with other letters. */
const latin = /^[a-z0-9ßæœøđłþð-]+$/;
/** Scripts that a whole domain may be in. Japanese and Korean are each written in several. */
const otherScripts = [
  /^[\p{Script=Cyrillic}\d-]+$/u,
  /^[\p{Script=Greek}\d-]+$/u,
  /^[\p{Script=Armenian}\d-]+$/u,
  /^[\p{Script=Georgian}\d-]+$/u,
  /^[\p{Script=Arabic}\d-]+$/u,
  /^[\p{Script=Hebrew}\d-]+$/u,
  /^[\p{Script=Devanagari}\d-]+$/u,
  /^[\p{Script=Thai}\d-]+$/u,
  /^[\p{Script=Hangul}\p{Script=Han}\d-]+$/u,
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\d-]+$/u,
];

/**
 * An address for pages: `ann@bücher.example` instead of `ann@xn--bcher-kva.example`. A domain stays in ASCII if it mixes scripts or its letters
 * resemble others (decision 0521). The shown form reads back as the same address.
 * @param address in its normal form; a phone number stays as it is
 */
export function shownAddress(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  const ascii = address.slice(at);
  // Nearly every domain ends here, which keeps pages fast.
  if (!ascii.includes('xn--')) return address;
  const unicode = domainToUnicode(ascii);
  return isPlain(unicode) && domainToASCII(unicode) === ascii ? address.slice(0, at) + unicode : address;
}

function isPlain(domain: string): boolean {
  const labels = domain.split('.');
  return (
    labels.every((label) => latin.test(label.normalize('NFD').replace(/\p{M}/gu, ''))) ||
    otherScripts.some((script) => labels.every((label) => script.test(label)))
  );
}

/** The masked address on a page: `a••••@example.com`, `••••••4567`. An erased address gives an empty string. */
export function maskAddress(channel: Channel, address: string | null): string {
  if (!address) return '';
  if (channel !== 'EMAIL') return `••••••${address.slice(-4)}`;
  const shown = shownAddress(address);
  const at = shown.lastIndexOf('@');
  return `${[...shown.slice(0, at)].slice(0, 1).join('')}••••${shown.slice(at)}`;
}
