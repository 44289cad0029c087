/** Decides, just before sending, whether a queued mail still has a reader and a reason. */
import type { Config } from '../config.js';
import type { PendingWish } from '../vocabulary/terms.js';
import { complaintOf } from '../mail/complaint-link.js';
import { dailyCapOf, whyUnreachable } from '../mail/mailable.js';
import type { Models } from '../models/index.js';
import { findMailsOfDay, type Mail, type MailState } from '../models/mail.js';
import type { SubscriberHead } from '../models/subscriber.js';

export type MailVerdict =
  | { go: true; subscriber: SubscriberHead; to: string; pending: PendingWish | null }
  | { go: false; waitMs: number; reason: string }
  | { go: false; drop: true; reason: string };

/** How long a confirmation waits for its pending opt-in, which is written after it (so that a crash cannot lose the mail). */
const patienceMs = 5 * 60_000;

/** Mails that may have reached the reader. */
const spentStates: ReadonlySet<MailState> = new Set(['SENDING', 'SENT', 'UNKNOWN']);

export async function judgeMail(
  deps: { models: Pick<Models, 'mails'>; config: Pick<Config, 'mailsPerAddressPerDay'>; clock: () => Date },
  mail: Mail,
  subscriber: SubscriberHead | null,
): Promise<MailVerdict> {
  const now = deps.clock();
  const pending = mail.kind === 'CONFIRMATION' ? (findPending(subscriber, mail) ?? null) : null;
  if (mail.kind === 'CONFIRMATION' && !pending) {
    const ageMs = now.getTime() - mail.at.getTime();
    if (ageMs > patienceMs) return drop('the pending opt-in does not exist');
    return wait(Math.max(500, ageMs), 'waits for its pending opt-in');
  }
  if (pending?.confirmedAt) return drop('confirmed already');
  if (pending && pending.expiresAt <= now) return drop('the pending opt-in has expired');
  const complaint = complaintOf(mail.kind === 'COMPLAINT_CLEARING' ? mail.pendingId : null);
  if (complaint !== null && subscriber?.undeliverable?.seq !== complaint)
    return drop('the complaint was cleared');
  const unreachable = whyUnreachable(subscriber);
  // The question about a complaint is the only mail to an address that complained.
  if (!subscriber?.address || (unreachable && !(complaint !== null && unreachable === 'UNDELIVERABLE')))
    return drop(
      unreachable === 'UNDELIVERABLE' ? 'the address cannot receive' : 'the contact has no address',
    );
  // Other kinds are limited when they are queued.
  if (mail.kind === 'LOST_LINK') {
    const crowd = await judgeCrowd(deps, mail);
    if (crowd) return crowd;
  }
  return { go: true, subscriber, to: subscriber.address, pending };
}

/**
 * The daily limit of lost links per address, since strangers can request them. The first mails of their day, in queue order, may go, so concurrent
 * workers agree. Earlier mails that still wait may be dropped, so a mail waits for them.
 */
async function judgeCrowd(
  deps: { models: Pick<Models, 'mails'>; config: Pick<Config, 'mailsPerAddressPerDay'> },
  mail: Mail,
): Promise<MailVerdict | null> {
  const most = dailyCapOf(deps.config, mail.kind);
  const { subscriberId, kind, at } = mail;
  const capped = await findMailsOfDay(deps.models.mails, { subscriberId, kind, until: at });
  const spent = capped.filter(({ _id, state }) => _id !== mail._id && spentStates.has(state)).length;
  if (spent >= most) return drop('the daily limit of lost links for this address is reached');
  const mine = capped.findIndex(({ _id }) => _id === mail._id);
  const before = capped.slice(0, mine < 0 ? undefined : mine);
  const ahead = before.filter(({ state }) => state === 'QUEUED' || spentStates.has(state)).length;
  return ahead < most ? null : wait(10_000, 'waits for earlier mails to the same address');
}

function findPending(subscriber: SubscriberHead | null, mail: Mail): PendingWish | undefined {
  return subscriber?.pending.find(({ id }) => id === mail.pendingId);
}

function drop(reason: string): MailVerdict {
  return { go: false, drop: true, reason };
}

function wait(waitMs: number, reason: string): MailVerdict {
  return { go: false, waitMs, reason };
}
