/** The network that a request comes from, as far as its owner cannot change it at will. */
import { isIPv6 } from 'node:net';

/**
 * An IPv4 address as it is, also where it is written within IPv6; of an IPv6 address the first 64 bits, since who has one has them all
 * (RFC 6177, section 2: an end site is given no less than a /64).
 * @param address as Express tells it; anything that is not an address stays what it is
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  // The one canonical form of RFC 5952: lower case, no leading zeros, IPv4 in hexadecimal.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped) return mapped.slice(1).flatMap(bytesOf).join('.');
  const [head = '', tail = ''] = canonical.split('::');
  const [before, after] = [head, tail].map((part) => (part ? part.split(':') : []));
  const groups = [...(before ?? [])];
  while (canonical.includes('::') && groups.length + (after?.length ?? 0) < 8) groups.push('0');
  return `${[...groups, ...(after ?? [])].slice(0, 4).join(':')}::/64`;
}

function bytesOf(group: string): number[] {
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 255];
}
