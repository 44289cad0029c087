/** The network of a request: the part of the address that its owner cannot change at will. */
import { isIPv6 } from 'node:net';

/**
 * An IPv4 address is unchanged, also if written as IPv6. Of an IPv6 address it is the first 64 bits, since one subscriber has them all (RFC 6177,
 * section 2: an end site is given no less than a /64).
 * @param address as Express gives it; a value that is not an address is returned unchanged
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
