/**
 * The field `_csrf` of every form: the anti-forgery token of the session, and a mark of the user of the page. The mark permits nothing. It only
 * tells whose form it was after the session has ended (decision 0564).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../config.js';
import { derivedKey } from '../../domain/staff/secrets.js';

/** Lifetime of a mark: the maximum lifetime of a session. */
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

/** The anti-forgery token within the field. */
export function tokenIn(value: string): string {
  return value.split('.')[0] ?? '';
}

/** The user of the mark; null if the mark is forged or expired. */
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
