/** Whether a mail to a subscriber will be sent: asked before a page promises it, and once more just before sending. */
import type { Config } from '../config.js';
import type { Models } from '../models/index.js';
import { findMailsOfDay } from '../models/mail.js';
import type { MailKind } from '../models/mail.js';
import type { SubscriberHead } from '../models/subscriber.js';

/** Why no mail can be sent to a subscriber at all. */
export type Unreachable = 'NO_ADDRESS' | 'UNDELIVERABLE';
export type Unmailable = Unreachable | 'TOO_MANY_MAILS';

/** More than anybody needs who switches things on, and few enough that a link in the wrong hands fills no mailbox. */
export const confirmationsADay = 20;

/** How many mails of a kind one address gets in 24 hours at most; kinds do not count towards each other. */
export function dailyCapOf(config: Pick<Config, 'mailsPerAddressPerDay'>, kind: MailKind): number {
  switch (kind) {
    case 'LOST_LINK':
    case 'FRESH_LINK':
      return config.mailsPerAddressPerDay;
    case 'CONFIRMATION':
      return confirmationsADay;
    case 'PREFERENCES_LINK':
      return Infinity;
  }
}

/** @param subscriber null where nobody knows it */
export function whyUnreachable(
  subscriber: Pick<SubscriberHead, 'address' | 'channel' | 'undeliverable'> | null,
): Unreachable | null {
  // One that was erased and came back has an address again.
  if (!subscriber?.address || subscriber.channel !== 'EMAIL') return 'NO_ADDRESS';
  return subscriber.undeliverable ? 'UNDELIVERABLE' : null;
}

/**
 * Why a mail of this kind would not be sent now; null where it will be. Never asked for a `LOST_LINK`, whose answer is the same for every
 * address: the worker holds its cap.
 * @throws the database's faults
 */
export async function whyNotMailable(
  deps: { models: Pick<Models, 'mails'>; config: Pick<Config, 'mailsPerAddressPerDay'>; clock: () => Date },
  subscriber: Pick<SubscriberHead, '_id' | 'address' | 'channel' | 'undeliverable'>,
  kind: Exclude<MailKind, 'LOST_LINK'>,
): Promise<Unmailable | null> {
  const unreachable = whyUnreachable(subscriber);
  if (unreachable) return unreachable;
  const about = { subscriberId: subscriber._id, kind, until: deps.clock() };
  const mails = await findMailsOfDay(deps.models.mails, about);
  const counted = mails.filter(({ state }) => state !== 'DROPPED' && state !== 'FAILED').length;
  return counted >= dailyCapOf(deps.config, kind) ? 'TOO_MANY_MAILS' : null;
}
