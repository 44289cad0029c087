/** "Send them their link": queues the mail "Manage your preferences" to one address. */
import { DomainError } from '../../errors.js';
import { whyUnreachable } from '../../mail/mailable.js';
import { queueMail } from '../../mail/queue.js';
import type { Models } from '../../models/index.js';
import { findSubscriber } from '../../models/find-subscribers.js';
import { reading, writing } from '../consent/durability.js';
import { findOrMakeSubscribers } from './known-subscribers.js';
import type { LinkDeps } from './mint-links.js';
import { destinationOf, type Recipient } from './recipient.js';

/**
 * Queues the mail; a worker sends it. Asking twice within one minute queues it once.
 * @param queuedBy the user or command that asks; never an address
 * @returns whether it was queued now; false for a repeat within the minute
 * @throws DomainError `UNDELIVERABLE` if the mail would not be sent, `INVALID_ADDRESS`, `UNKNOWN_UNIT`, `UNKNOWN_TYPE`, `TYPE_ARCHIVED`,
 *   `INVALID_FORM`, and `DATABASE_AWAY` or
 *   `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function mailLink(
  deps: Pick<LinkDeps, 'subscriberIds' | 'catalogue' | 'clock'> & {
    models: Pick<Models, 'subscribers' | 'mails'>;
  },
  recipient: Recipient,
  queuedBy: string,
): Promise<{ isNew: boolean }> {
  const destination = destinationOf(deps, await reading(() => deps.catalogue()), recipient);
  if (destination.channel !== 'EMAIL') {
    throw new DomainError('INVALID_ADDRESS', 'A link can be mailed to an e-mail address only.');
  }
  await findOrMakeSubscribers(deps, [destination]);
  const head = await reading(() => findSubscriber(deps.models.subscribers, destination.subscriberId));
  if (whyUnreachable(head) === 'UNDELIVERABLE')
    throw new DomainError(
      'UNDELIVERABLE',
      'Mail to this address came back or was reported as spam, so none is sent.',
    );
  const { subscriberId, unit, type, locale } = destination;
  const minute = Math.floor(deps.clock().getTime() / 60_000);
  return writing(() =>
    queueMail(deps, {
      id: `PREFERENCES_LINK:${subscriberId}:${minute}`,
      kind: 'PREFERENCES_LINK',
      subscriberId,
      unitId: unit.id,
      queuedBy,
      ...(type ? { typeId: type.id } : {}),
      ...(locale === null ? {} : { locale }),
    }),
  );
}
