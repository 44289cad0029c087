/** The envelope sender of the portal's own mails: it names subscriber and mail, so that a delivery report tells whose it is (VERP). */
import { createHash, createHmac } from 'node:crypto';
import type { Config } from '../../config.js';
import { derivedKey } from '../staff/secrets.js';
import { isSame } from './endpoints.js';

/**
 * In hexadecimal, since servers may change the case of a local part: 32 figures of the subscriber id, 8 of the mail's key, 20 of the HMAC. With the
 * prefix it has 62 octets; RFC 5321, section 4.5.3.1.1, allows 64.
 */
const shape = /\bb\+([0-9a-f]{32})([0-9a-f]{8})([0-9a-f]{20})@/i;

type Keys = Pick<Config, 'subscriberIdKey'>;

/** @returns null if no domain for reports is configured */
export function bounceAddressOf(
  config: Keys & Pick<Config, 'bounceDomain'>,
  { subscriberId, mailId }: { subscriberId: string; mailId: string },
): string | null {
  if (config.bounceDomain === undefined) return null;
  const subscriber = Buffer.from(subscriberId, 'base64url').toString('hex');
  const mail = createHash('sha256').update(mailId).digest('hex').slice(0, 8);
  return `b+${subscriber}${mail}${proofOf(config, subscriber, mail)}@${config.bounceDomain}`;
}

/** @returns the subscriber of the first address of this kind in a text; null if there is none, or its proof is wrong */
export function subscriberOfBounceAddress(config: Keys, text: string): string | null {
  const [, subscriber, mail, proof] = (shape.exec(text) ?? []).map((part) => part.toLowerCase());
  if (!subscriber || !mail || !proof || !isSame(proof, proofOf(config, subscriber, mail))) return null;
  return Buffer.from(subscriber, 'hex').toString('base64url');
}

function proofOf(config: Keys, subscriber: string, mail: string): string {
  const key = derivedKey(config, 'bounce addresses');
  return createHmac('sha256', key)
    .update(subscriber + mail)
    .digest('hex')
    .slice(0, 20);
}
