/** The queue of mails. Queueing one is a single durable write that may be repeated. */
import type { Models } from '../models/index.js';
import { mailPriorities, type Mail, type MailKind, type MailPriority } from '../models/mail.js';
import { enqueue, enqueueAll, newlyQueued } from '../models/queue.js';

/** The priority of a mail that is queued singly. */
const priorityOf: Record<MailKind, MailPriority> = {
  CONFIRMATION: mailPriorities.AWAITED,
  LOST_LINK: mailPriorities.AWAITED,
  FRESH_LINK: mailPriorities.AWAITED,
  PREFERENCES_LINK: mailPriorities.SINGLE,
  COMPLAINT_CLEARING: mailPriorities.SINGLE,
};

/** A mail to be queued. */
export interface WantedMail {
  /**
   * Unique key, such as `CONFIRMATION:<pending id>` or `LOST_LINK:<subscriber id>:<minute>`: queueing it again changes nothing. No field here holds
   * an address or a token.
   */
  id: string;
  kind: MailKind;
  subscriberId: string;
  /** The brand that sends it. */
  unitId: number;
  /** The type that the "unsubscribe" header of the mail ends; absent: all of the unit. */
  typeId?: number;
  /**
   * With `CONFIRMATION`: the pending opt-in that it asks about, which may be written after this. With `COMPLAINT_CLEARING`: the complaint
   * (`complaintLinkId`).
   */
  pendingId?: string;
  locale?: string;
  /** The user, command or page that asks. */
  queuedBy: string;
}

/**
 * Queues a mail, durably on a majority of the database's members. The write is the same for known and unknown addresses; the worker tells them apart.
 * @returns whether it is new; false for a repeat, which is not an error
 */
export async function queueMail(
  deps: { models: Pick<Models, 'mails'>; clock: () => Date },
  wanted: WantedMail,
): Promise<{ isNew: boolean }> {
  return enqueue(deps.models.mails, mailOf(wanted, priorityOf[wanted.kind], deps.clock()));
}

/**
 * Queues many in one message. They wait until no singly queued mail is due. Mails that were queued before are skipped, which is not an error.
 */
export async function queueMails(
  deps: { models: Pick<Models, 'mails'>; clock: () => Date },
  wanted: readonly WantedMail[],
): Promise<void> {
  const now = deps.clock();
  await enqueueAll(
    deps.models.mails,
    wanted.map((one) => mailOf(one, mailPriorities.BULK, now)),
  );
}

function mailOf({ id, ...wanted }: WantedMail, priority: MailPriority, now: Date): Mail {
  const absent = { typeId: null, pendingId: null, locale: null, messageId: null };
  return { ...newlyQueued(id, now), ...absent, ...wanted, priority };
}
