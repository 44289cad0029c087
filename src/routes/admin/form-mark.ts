/**
 * What every form carries in `_csrf`: the session's anti-forgery token, and a mark of the user that the page was made for. The mark allows
 * nothing. It tells whose form it was when its session has ended (decision 0564).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../config.js';
import { derivedKey } from '../../domain/staff/derived-key.js';

/** As long as a session lasts: a page cannot be older and still be of use. */
const longestMs = 7 * 24 * 3_600_000;

/** @returns the value of the hidden field */
export function markedToken(
  config: Config,
  token: string,
  { userId, now }: { userId: string; now: Date },
): string {
  const body = `${userId}.${now.getTime().toString(36)}`;
  return `${token}.${body}.${signatureOf(config, body)}`;
}

/** The anti-forgery token in the value of the field. */
export function tokenIn(value: string): string {
  return value.split('.')[0] ?? '';
}

/** Whose form it was; null where the value is not ours, or too old. */
export function userMarkedIn(config: Config, value: unknown, now: Date): string | null {
  if (typeof value !== 'string') return null;
  const [, userId = '', time = '', signature = ''] = value.split('.');
  const expected = Buffer.from(signatureOf(config, `${userId}.${time}`));
  const sent = Buffer.from(signature);
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return null;
  return now.getTime() - Number.parseInt(time, 36) <= longestMs ? userId : null;
}

function signatureOf(config: Config, body: string): string {
  return createHmac('sha256', derivedKey(config, 'form marks')).update(body).digest('base64url');
}
