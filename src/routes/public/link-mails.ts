/** Mails that the public pages ask for: a confirmation once more, and a link in place of one that is lost or has grown old. */
import type { Outcome } from '../../domain/consent/change.js';
import { reading, writing } from '../../domain/consent/durability.js';
import type { Deps } from '../../deps.js';
import { whyNotMailable } from '../../mail/mailable.js';
import { queueMail } from '../../mail/queue.js';
import type { WantedMail } from '../../mail/queue.js';
import type { MessagePage } from '../../views/public-pages.js';
import type { OpenedLink } from './link.js';
import { noFreshLink } from './refusals.js';
import { isJustNow } from './save-changes.js';

type Link = OpenedLink<'preferences'>;

/** A wish that waits already: anyone who asks again has lost the mail, so it is sent again (the cap per address holds). */
export async function mailAgain(deps: Deps, link: Link, outcomes: Outcome[]): Promise<void> {
  const minute = Math.floor(deps.clock().getTime() / 60_000);
  for (const { wish, result } of outcomes) {
    if (result !== 'PENDING' || wish.kind !== 'OPT_IN') continue;
    const waiting = link.subscriber.pending.find(
      (pending) => !pending.confirmedAt && pending.typeIds.includes(wish.typeId),
    );
    // The second click of a double one is not a wish for a second mail.
    if (!waiting || isJustNow(waiting.at, deps.clock())) continue;
    await writing(() =>
      queueMail(deps, {
        id: `CONFIRMATION:${waiting.id}:${minute}`,
        kind: 'CONFIRMATION',
        subscriberId: link.claims.subscriberId,
        unitId: waiting.unitId,
        pendingId: waiting.id,
        locale: link.words.locale,
        queuedBy: 'preferences',
      }),
    );
  }
}

/**
 * A link in place of one that has grown old, by mail, one a minute at most.
 * @returns what the page says of it: that it was mailed, or why not
 * @throws DomainError `DATABASE_AWAY`, `OUTCOME_UNKNOWN`
 */
export async function mailFreshLink(
  deps: Deps,
  link: Link,
): Promise<Pick<MessagePage, 'tone' | 'heading' | 'sentences'>> {
  const { claims, words, subscriber } = link;
  const why = await reading(() => whyNotMailable(deps, subscriber, 'FRESH_LINK'));
  if (why) return { tone: 'warn', ...noFreshLink(why, words, deps.config) };
  const minute = Math.floor(deps.clock().getTime() / 60_000);
  await writing(() =>
    queueMail(deps, {
      id: `FRESH_LINK:${claims.subscriberId}:${minute}`,
      kind: 'FRESH_LINK',
      subscriberId: claims.subscriberId,
      unitId: claims.unitId,
      locale: words.locale,
      queuedBy: 'fresh link',
    }),
  );
  return {
    tone: 'good',
    heading: words.copy['freshLinkSentHeading'] ?? '',
    sentences: [words.copy['freshLinkSentText'] ?? ''],
  };
}

/**
 * A link to the preferences by mail, one a minute at most. It is one write, whether or not anyone has the address: whether there is anybody to send
 * it to is for the worker to find out, which holds the cap per address too.
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function queueLostLink(
  deps: Deps,
  mail: Pick<WantedMail, 'subscriberId' | 'unitId' | 'queuedBy'> & { locale: string },
): Promise<void> {
  const minute = Math.floor(deps.clock().getTime() / 60_000);
  await writing(() =>
    queueMail(deps, { ...mail, id: `LOST_LINK:${mail.subscriberId}:${minute}`, kind: 'LOST_LINK' }),
  );
}
