/** Derives keys, each for one use, from SUBSCRIBER_ID_KEY, the secret that every installation has (RFC 5869). */
import { hkdfSync } from 'node:crypto';
import type { Config } from '../../config.js';

/** @param use name of the use; each use has a key of its own */
export function derivedKey({ subscriberIdKey }: Pick<Config, 'subscriberIdKey'>, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', subscriberIdKey, 'sayso', use, 32));
}
