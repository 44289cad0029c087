/** Sends due mails. One worker leases each mail, checks it, composes it and delivers it, and never sends it twice. */
import type { Config } from '../config.js';
import { bounceAddressOf } from '../domain/bounces/bounce-address.js';
import { changeConsent, type ConsentDeps } from '../domain/consent/change.js';
import { typeNames } from '../domain/wordings/naming.js';
import { DomainError } from '../errors.js';
import type { Logger } from '../log.js';
import { composeMail } from '../mail/compose.js';
import type { WriteMessage, WrittenMail } from '../mail/message.js';
import { dialogueLimitMs, type MailTransport } from '../mail/transport.js';
import type { MailOutcome, Metrics } from '../metrics.js';
import type { Models } from '../models/index.js';
import { mailPriorities, type Mail } from '../models/mail.js';
import { endedAs, leaseDue, queuedAgain, writeHeld } from '../models/queue.js';
import { afterNow } from '../models/server-clock.js';
import { findSubscriber } from '../models/find-subscribers.js';
import { paths } from '../paths.js';
import type { SubscriberHead } from '../models/subscriber.js';
import type { Tokens } from '../tokens/contract.js';
import type { Views } from '../views/contract.js';
import { wordsFor } from '../views/words.js';
import { negotiateLocale } from '../vocabulary/locales.js';
import { mintMailLinks, type MailSubject } from './mail-links.js';
import { judgeMail } from './mail-verdict.js';
import { workThrough } from './work-through.js';

export interface SendingDeps extends ConsentDeps {
  models: Models;
  config: Pick<
    Config,
    'baseUrl' | 'unsubscribeMailto' | 'mailsPerAddressPerDay' | 'subscriberIdKey' | 'bounceDomain'
  >;
  tokens: Tokens;
  views: Pick<Views, 'mail' | 'footer'>;
  writeMessage: WriteMessage;
  transport: MailTransport;
  log: Logger;
  metrics: Metrics;
}

/** The outcomes of a round: `WAITING` mails were checked too early, `LOST` mails were taken over by another worker. */
export type RoundCounts = Record<MailOutcome | 'WAITING' | 'LOST', number>;
type Ending = keyof RoundCounts;

/** Milliseconds before the next attempt, by attempts made. After the last one the mail has failed. */
const minute = 60_000;
export const backOffMs = [minute, 5 * minute, 15 * minute, 60 * minute, 180 * minute, 720 * minute] as const;

/** Checking and composing a mail takes milliseconds. The transport limits the SMTP dialogue. */
const preparingLeaseMs = minute;
const sendingLeaseMs = dialogueLimitMs + 2 * minute;

/** Maximum number of mails that one worker sends at the same time: the number of the transport's connections. */
const places = 4;
/** The first lane has priority. One place is never used for bulk mails, so a slow server never delays an awaited mail. */
const lanes = [
  { which: { state: 'QUEUED', priority: mailPriorities.AWAITED }, places },
  { which: { state: 'QUEUED', priority: mailPriorities.SINGLE }, places },
  { which: { state: 'QUEUED', priority: mailPriorities.BULK }, places: places - 1 },
];

/**
 * Sends due mails, awaited ones first and bulk ones last, and returns when none is due.
 * @param options.signal once aborted, current mails are finished and no other is started
 */
export async function sendDueMails(
  deps: SendingDeps,
  options: { signal?: AbortSignal } = {},
): Promise<RoundCounts> {
  const { mails } = deps.models;
  const counts: RoundCounts = { SENT: 0, RETRIED: 0, FAILED: 0, UNKNOWN: 0, DROPPED: 0, WAITING: 0, LOST: 0 };
  await workThrough<Mail>(
    {
      connection: mails.db,
      lanes,
      places,
      lease: (which, now) => leaseDue(mails, which, { now, leaseMs: preparingLeaseMs }),
      async work(mail) {
        counts[await sendMail(deps, mail)] += 1;
      },
    },
    options.signal,
  );
  return counts;
}

async function sendMail(deps: SendingDeps, mail: Mail): Promise<Ending> {
  const { mails, subscribers } = deps.models;
  const verdict = await judgeMail(deps, mail, await findSubscriber(subscribers, mail.subscriberId));
  if (!verdict.go) {
    if ('drop' in verdict) return ended(deps, mail, 'DROPPED', verdict.reason);
    const { waitMs: delayMs, reason } = verdict;
    await writeHeld(mails, mail, queuedAgain({ delayMs, attempts: mail.attempts, reason }));
    return 'WAITING';
  }
  let written: WrittenMail;
  try {
    written = await prepare(deps, mail, verdict);
  } catch (fault) {
    // Any error: the mail must not return at once and delay the others.
    const name = fault instanceof DomainError ? fault.code : fault instanceof Error ? fault.name : 'fault';
    return tryLater(deps, mail, `could not be composed: ${name}`);
  }
  const begun = { state: 'SENDING', attempts: mail.attempts + 1, messageId: { $literal: written.messageId } };
  // Without the lease, nothing may be sent.
  if (!(await writeHeld(mails, mail, { ...begun, dueAt: afterNow(sendingLeaseMs) }))) return 'LOST';
  const delivery = await deps.transport.deliver(written);
  if (delivery.outcome === 'ACCEPTED') return ended(deps, mail, 'SENT', null);
  if (delivery.outcome === 'UNKNOWN') return ended(deps, mail, 'UNKNOWN', delivery.reason);
  if (delivery.isUnknownMailbox) await noteBounce(deps, verdict.subscriber);
  if (delivery.isPermanent) return ended(deps, mail, 'FAILED', delivery.reason);
  return tryLater(deps, mail, delivery.reason);
}

async function prepare(
  deps: SendingDeps,
  mail: Mail,
  reader: Pick<MailSubject, 'subscriber' | 'to' | 'pending'>,
): Promise<WrittenMail> {
  const catalogue = await deps.catalogue();
  const unit = catalogue.units.get(mail.unitId);
  if (!unit) throw new DomainError('UNKNOWN_UNIT', 'The unit of a queued mail does not exist any more.');
  const locale = negotiateLocale({
    link: mail.locale ?? undefined,
    contact: reader.subscriber.locale ?? undefined,
    unitDefault: unit.defaultLocale,
  });
  const composed = composeMail(deps.views, {
    mail,
    to: reader.to,
    unit,
    ...(unit.logo ? { logoUrl: deps.config.baseUrl + paths.brandLogo(unit.id, catalogue.revision) } : {}),
    words: wordsFor(locale),
    links: await mintMailLinks(deps, { ...reader, mail, catalogue, unit }),
    typeNames: typeNames(catalogue, reader.pending?.typeIds ?? [], locale),
    at: deps.clock(),
  });
  const about = { subscriberId: reader.subscriber._id, mailId: mail._id };
  const envelopeFrom = bounceAddressOf(deps.config, about);
  return deps.writeMessage({ ...composed, ...(envelopeFrom ? { envelopeFrom } : {}) });
}

async function ended(deps: SendingDeps, mail: Mail, outcome: MailOutcome, reason: string | null) {
  if (outcome !== 'RETRIED') await writeHeld(deps.models.mails, mail, endedAs(outcome, reason));
  deps.metrics.mailEnded(mail.kind, outcome);
  const level = outcome === 'FAILED' || outcome === 'UNKNOWN' ? 'warn' : 'info';
  const isWritten = outcome === 'SENT' && deps.transport.kind === 'OUTBOX';
  deps.log[level](
    { kind: mail.kind, outcome: isWritten ? 'WRITTEN' : outcome, reason },
    isWritten ? `mail written to the outbox, not sent: see ${paths.outbox()}` : 'mail',
  );
  return outcome;
}

async function tryLater(deps: SendingDeps, mail: Mail, reason: string): Promise<Ending> {
  const delayMs = backOffMs[mail.attempts];
  if (delayMs === undefined) return ended(deps, mail, 'FAILED', reason);
  const again = queuedAgain({ delayMs, attempts: mail.attempts + 1, reason });
  return (await writeHeld(deps.models.mails, mail, again)) ? ended(deps, mail, 'RETRIED', reason) : 'LOST';
}

/** The mailbox does not exist: shown apart from opt-outs, and no further mail is sent to it. */
async function noteBounce(deps: SendingDeps, subscriber: SubscriberHead): Promise<void> {
  await changeConsent(deps, {
    subscriberId: subscriber._id,
    channel: subscriber.channel,
    actor: { kind: 'SYSTEM', ref: 'mail' },
    wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }],
  });
}
