/** Mails of the queue: kind, subscriber and state, never an address or a token. */
import mongoose, { Schema, type Model } from 'mongoose';
import { endedAs, queuedFields, takeAway, type Queued } from './queue.js';
import { readServerClock } from './server-clock.js';

/** Anyone can request a `LOST_LINK` with an address, and a `FRESH_LINK` with an expired link. */
export const mailKinds = [
  'PREFERENCES_LINK',
  'CONFIRMATION',
  'LOST_LINK',
  'FRESH_LINK',
  'COMPLAINT_CLEARING',
] as const;
export type MailKind = (typeof mailKinds)[number];

/**
 * `SENDING` is set from just before the SMTP dialogue until its answer. `UNKNOWN` means that no answer came: the mail may have arrived and is not
 * sent again automatically. `DROPPED` means that it did not need to be sent after all.
 */
export const mailStates = ['QUEUED', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'DROPPED'] as const;
export type MailState = (typeof mailStates)[number];

/** The order of sending. `AWAITED`: a person is waiting for it now. `SINGLE`: staff sent one. `BULK`: one of many. */
export const mailPriorities = { AWAITED: 0, SINGLE: 1, BULK: 2 } as const;
export type MailPriority = (typeof mailPriorities)[keyof typeof mailPriorities];

export interface Mail extends Queued {
  kind: MailKind;
  subscriberId: string;
  unitId: number;
  typeId: number | null;
  /** The pending opt-in that a `CONFIRMATION` asks about, or the complaint of a `COMPLAINT_CLEARING`. */
  pendingId: string | null;
  locale: string | null;
  /** The user, command or page that asked for it; never an address. */
  queuedBy: string;
  state: MailState;
  priority: MailPriority;
  messageId: string | null;
}

/** Set at its end, so that staff may see its outcome for a while. */
const keptForSeconds = 90 * 24 * 60 * 60;

export const mailSchema = new Schema<Mail>(
  {
    ...queuedFields,
    kind: { type: String, required: true },
    subscriberId: { type: String, required: true },
    unitId: { type: Number, required: true },
    typeId: { type: Number, default: null },
    pendingId: { type: String, default: null },
    locale: { type: String, default: null },
    queuedBy: { type: String, required: true },
    priority: { type: Number, required: true },
    messageId: { type: String, default: null },
  },
  { collection: 'mails', versionKey: false },
);
mailSchema.index({ state: 1, priority: 1, dueAt: 1 });
mailSchema.index({ state: 1, dueAt: 1 });
mailSchema.index({ subscriberId: 1, at: 1 });
// For delivery reports that return it.
mailSchema.index({ messageId: 1 });
// A mail that is still to be sent has no end, and never expires.
mailSchema.index({ endedAt: 1 }, { expireAfterSeconds: keptForSeconds });

export type MailModel = Model<Mail>;

/**
 * Gives a priority to queued mails without one: an older release queued them, before the upgrade or during it.
 * @returns how many there were
 */
export async function rankUnrankedMails({ collection }: Pick<MailModel, 'collection'>): Promise<number> {
  const { AWAITED, SINGLE, BULK } = mailPriorities;
  const isOfJob = { $eq: [{ $substrCP: ['$queuedBy', 0, 4] }, 'job:'] };
  const ofLink = { $cond: [isOfJob, BULK, SINGLE] };
  const priority = { $cond: [{ $eq: ['$kind', 'PREFERENCES_LINK'] }, ofLink, AWAITED] };
  const result = await collection.updateMany({ state: 'QUEUED', priority: null }, [{ $set: { priority } }]);
  return result.modifiedCount;
}

/**
 * Ends mails to one subscriber that are not sent yet. A mail in its SMTP dialogue is not stopped.
 * @returns how many there were
 */
export async function dropQueuedMails(
  model: MailModel,
  subscriberId: string,
  reason: string,
): Promise<number> {
  return takeAway(model, { subscriberId, state: 'QUEUED' }, { state: 'DROPPED', reason });
}

/**
 * Ends mails whose worker stopped during the SMTP dialogue: they may have arrived. The fence stays, so that a worker that was only slow can still
 * store its result.
 * @returns how many there were
 */
export async function endAbandonedMails(model: MailModel): Promise<number> {
  const serverNow = await readServerClock(model.db);
  const result = await model.updateMany(
    { state: 'SENDING', dueAt: mongoose.trusted({ $lte: serverNow() }) },
    [{ $set: endedAs('UNKNOWN', 'the worker stopped during the SMTP dialogue') }],
    { updatePipeline: true },
  );
  return result.modifiedCount;
}

const dayMs = 24 * 60 * 60 * 1000;
type MailOfDay = Pick<Mail, '_id' | 'kind' | 'state'>;

/**
 * The mails of one kind to one subscriber in the 24 hours before a time and later, in queue order.
 * @param until for example the time at which the current mail was queued, which is then included
 */
export async function findMailsOfDay(
  model: MailModel,
  { subscriberId, kind, until }: { subscriberId: string; kind: MailKind; until: Date },
): Promise<MailOfDay[]> {
  const dayBefore = new Date(until.getTime() - dayMs);
  const mails = await model
    .find({ subscriberId, at: mongoose.trusted({ $gt: dayBefore }) }, { kind: 1, state: 1 })
    .sort({ at: 1, _id: 1 })
    .limit(500)
    .lean<MailOfDay[]>();
  return mails.filter((mail) => mail.kind === kind);
}
