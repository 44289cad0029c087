/**
 * Secrets that a reader of the database alone cannot use: encrypted ones (AES-256-GCM, NIST SP 800-38D), and tokens of one-time links, stored as
 * hashes. Also derives keys, each for one use, from SUBSCRIBER_ID_KEY, the secret that every installation has (RFC 5869).
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Config } from '../../config.js';

const ivBytes = 12;
const tagBytes = 16;

/** @param about authenticated with the secret, so that it cannot be moved to another account */
export function seal(key: Buffer, about: string, secret: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(
    Buffer.from(about),
  );
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws Error if key or `about` differ, or the text was altered */
export function unseal(key: Buffer, about: string, text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(about))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  const sealed = bytes.subarray(ivBytes + tagBytes);
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
}

/** 256 random bits cannot be guessed, so guesses need no limit. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The stored form. A reader of the database cannot use it. */
export function hashOfLinkToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** @param use name of the use; each use has a key of its own */
export function derivedKey({ subscriberIdKey }: Pick<Config, 'subscriberIdKey'>, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', subscriberIdKey, 'sayso', use, 32));
}
