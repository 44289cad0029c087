/** Mails that the public pages request: a repeated confirmation, and a new link for a lost or expired one. */
import type { Outcome } from '../../domain/consent/change.js';
import { reading, writing } from '../../domain/consent/durability.js';
import type { Deps } from '../../deps.js';
import { whyNotMailable } from '../../mail/mailable.js';
import { queueMail, type WantedMail } from '../../mail/queue.js';
import type { MessagePage } from '../../views/public-pages.js';
import type { OpenedLink } from './link.js';
import { noFreshLink } from './refusals.js';
import { isJustNow } from './save-changes.js';

type Link = OpenedLink<'preferences'>;

/** A repeated opt-in that is still pending: the contact has probably lost the mail, so it is sent again, within the limit per address. */
export async function mailAgain(deps: Deps, link: Link, outcomes: Outcome[]): Promise<void> {
  const minute = Math.floor(deps.clock().getTime() / 60_000);
  for (const { wish, result } of outcomes) {
    if (result !== 'PENDING' || wish.kind !== 'OPT_IN') continue;
    const waiting = link.subscriber.pending.find(
      (pending) => !pending.confirmedAt && pending.typeIds.includes(wish.typeId),
    );
    // The second click of a double click does not request a second mail.
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
 * Mails a new link for an expired one, at most once a minute.
 * @returns the message for the page: it was mailed, or why not
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
    heading: words.t('freshLinkSentHeading'),
    sentences: [words.t('freshLinkSentText')],
  };
}

/**
 * Mails a link to the preferences, at most once a minute. It is one write for known and unknown addresses alike. The worker finds out whether a
 * recipient exists, and applies the limit per address.
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
