/** Keys of the portal's own pages, each for one use, derived from the one secret that every installation keeps anyway (RFC 5869). */
import { hkdfSync } from 'node:crypto';
import type { Config } from '../../config.js';

/** @param use names what it is for; two uses never share a key */
export function derivedKey({ subscriberIdKey }: Pick<Config, 'subscriberIdKey'>, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', subscriberIdKey, 'sayso', use, 32));
}
