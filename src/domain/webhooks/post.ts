/** Signs and posts one webhook, as Standard Webhooks says (`spec/standard-webhooks.md`, "Webhook headers" and "Deliverability"). */
import { createHmac, randomBytes } from 'node:crypto';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { KeptConnections } from '../../guarded-get.js';
import { derivedKey, seal, unseal } from '../staff/secrets.js';

/** Milliseconds that one attempt may take. */
export const postLimitMs = 15_000;
/** The longest wait that a receiver may ask for, in seconds. */
const mostRetryAfter = 24 * 3600;

export interface WebhookPost {
  url: string;
  /** Sealed. With several, the header has a signature of each. */
  secrets: readonly string[];
  /** `webhook-id`: the same in each attempt, so that the receiver can leave out repeats. */
  id: string;
  body: string;
}

export interface WebhookAnswer {
  /** Null: there was no answer. */
  status: number | null;
  /** The beginning of the answer, or why there was none. */
  text: string;
  /** Milliseconds that the receiver asks us to wait. */
  retryAfterMs: number | null;
}

export const isSuccess = ({ status }: Pick<WebhookAnswer, 'status'>) =>
  status !== null && status >= 200 && status < 300;

/** @param now the time of this attempt, which the signature covers */
export async function postWebhook(
  config: Pick<Config, 'subscriberIdKey' | 'privateSources'>,
  { url, secrets, id, body }: WebhookPost,
  { now, connections }: { now: Date; connections?: KeptConnections },
): Promise<WebhookAnswer> {
  // Loaded by the first webhook.
  const { guardedPost } = await import('../../guarded-get.js');
  const stamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((sealed) => {
    const key = Buffer.from(shownSecret(config, sealed).replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${stamp}.${body}`).digest('base64')}`;
  });
  try {
    const { status, header, text } = await guardedPost(url, body, {
      ...{ totalMs: postLimitMs, idleMs: postLimitMs, privateAddresses: config.privateSources },
      ...(connections ? { connections } : {}),
      headers: {
        ...{ 'content-type': 'application/json', 'webhook-id': id },
        ...{ 'webhook-timestamp': stamp, 'webhook-signature': signatures.join(' ') },
      },
    });
    return { status, text, retryAfterMs: retryAfterMs(header('retry-after'), now) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { status: null, text: error.message, retryAfterMs: null };
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.getTime()) / 1000;
  return seconds > 0 ? Math.ceil(Math.min(seconds, mostRetryAfter) * 1000) : null;
}

const sealedFor = 'webhook';
// Workflows had webhooks first. Another name would make their stored secrets unreadable.
const keyOf = (config: Pick<Config, 'subscriberIdKey'>) => derivedKey(config, 'webhooks of workflows');

/** Makes a secret: once to show, and as it is stored. */
export function newWebhookSecret(config: Pick<Config, 'subscriberIdKey'>): { shown: string; sealed: string } {
  const shown = `whsec_${randomBytes(32).toString('base64')}`;
  return { shown, sealed: seal(keyOf(config), sealedFor, shown) };
}

export function shownSecret(config: Pick<Config, 'subscriberIdKey'>, sealed: string): string {
  return unseal(keyOf(config), sealedFor, sealed);
}
