/** Whether a mail to a subscriber will be sent: checked before a page promises it, and again just before sending. */
import type { Config } from '../config.js';
import type { Models } from '../models/index.js';
import { findMailsOfDay, type MailKind } from '../models/mail.js';
import type { SubscriberHead } from '../models/subscriber.js';

/** Why no mail at all can be sent to a subscriber. */
export type Unreachable = 'NO_ADDRESS' | 'UNDELIVERABLE';
export type Unmailable = Unreachable | 'TOO_MANY_MAILS';

/** More than a person needs, and few enough that a leaked link cannot fill a mailbox. */
export const confirmationsADay = 20;

/** Maximum number of mails of a kind per address in 24 hours; each kind is counted separately. */
export function dailyCapOf(config: Pick<Config, 'mailsPerAddressPerDay'>, kind: MailKind): number {
  switch (kind) {
    case 'LOST_LINK':
    case 'FRESH_LINK':
      return config.mailsPerAddressPerDay;
    case 'CONFIRMATION':
      return confirmationsADay;
    case 'PREFERENCES_LINK':
    case 'COMPLAINT_CLEARING':
      return Infinity;
  }
}

/** @param subscriber null if unknown */
export function whyUnreachable(
  subscriber: Pick<SubscriberHead, 'address' | 'channel' | 'undeliverable'> | null,
): Unreachable | null {
  // An erased subscriber that came back has an address again.
  if (!subscriber?.address || subscriber.channel !== 'EMAIL') return 'NO_ADDRESS';
  return subscriber.undeliverable ? 'UNDELIVERABLE' : null;
}

/**
 * Why a mail of this kind would not be sent now; null if it will be. Not used for a `LOST_LINK`, whose answer must be the same for every address: the
 * worker applies its limit.
 * @throws database errors
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
