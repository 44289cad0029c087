/** Marks for messages after an act: the redirect carries one, and no other link shows the message (decision 0513). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Config } from '../config.js';
import type { Deps } from '../deps.js';
import { derivedKey } from '../domain/staff/secrets.js';

/** The person that the mark is bound to, and the time. */
export interface SaidContext {
  config: Pick<Config, 'subscriberIdKey'>;
  /** The user, the network of a visitor who has not signed in, or empty on the public pages. */
  whom: string;
  at: Date;
}

/**
 * Milliseconds of one time slot. A mark is valid in its own slot and in the next, since an old message is not news any more. Within a slot the same
 * act gives the same mark, so that the answer does not reveal what was found.
 */
const slotMs = 300_000;

export function saidContext({ config, clock }: Pick<Deps, 'config' | 'clock'>, whom: string): SaidContext {
  return { config, whom, at: clock() };
}

/**
 * Makes the mark of a message.
 * @param path of the page that shows it; a query is ignored
 * @param name of the message: small letters, digits and dashes, at most 100
 */
export function saidMark(context: SaidContext, path: string, name: string): string {
  return marked(context, path, name, slotOf(context).toString(36));
}

/** The name of the message that this page shows; null if the mark is invalid, or was made for another person or page. */
export function saidName(
  context: SaidContext,
  { baseUrl, path }: Pick<Request, 'baseUrl' | 'path'>,
  mark: unknown,
): string | null {
  const [, name, slot] =
    typeof mark === 'string' ? (/^([a-z0-9-]{1,100})\.([0-9a-z]{1,8})\.[\w-]{16}$/.exec(mark) ?? []) : [];
  if (typeof mark !== 'string' || !name || !slot) return null;
  const made = Buffer.from(marked(context, baseUrl + path, name, slot));
  const sent = Buffer.from(mark);
  if (made.length !== sent.length || !timingSafeEqual(made, sent)) return null;
  const age = slotOf(context) - Number.parseInt(slot, 36);
  return age === 0 || age === 1 ? name : null;
}

function slotOf({ at }: SaidContext): number {
  return Math.floor(at.getTime() / slotMs);
}

function marked({ config, whom }: SaidContext, path: string, name: string, slot: string): string {
  const page = (path.split(/[?#]/)[0] ?? '').replace(/\/$/, '');
  const mac = createHmac('sha256', derivedKey(config, 'said'))
    .update(JSON.stringify([whom, page, name, slot]))
    .digest();
  return `${name}.${slot}.${mac.subarray(0, 12).toString('base64url')}`;
}
