/** Mails of the queue: what is to be sent to whom, never an address or a token, and how far it got. */
import mongoose, { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import { endedAs, queuedFields, takeAway } from './queue.js';
import type { Queued } from './queue.js';
import { readServerClock } from './server-clock.js';

/** A `LOST_LINK` is asked for with an address alone, so strangers can ask for it; a `FRESH_LINK` with a link that has grown old. */
export const mailKinds = ['PREFERENCES_LINK', 'CONFIRMATION', 'LOST_LINK', 'FRESH_LINK'] as const;
export type MailKind = (typeof mailKinds)[number];

/**
 * `SENDING` stands from just before the SMTP dialogue until its answer; `UNKNOWN` means that the answer never came, so the mail may have
 * arrived and is not sent again by itself; `DROPPED` means that there was nothing to send after all.
 */
export const mailStates = ['QUEUED', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'DROPPED'] as const;
export type MailState = (typeof mailStates)[number];

/** Which mails go first. `AWAITED`: a person looks into the mailbox for it now. `SINGLE`: staff sent one. `BULK`: one of many. */
export const mailPriorities = { AWAITED: 0, SINGLE: 1, BULK: 2 } as const;
export type MailPriority = (typeof mailPriorities)[keyof typeof mailPriorities];

export interface Mail extends Queued {
  kind: MailKind;
  subscriberId: string;
  unitId: number;
  typeId: number | null;
  /** The pending wish that a `CONFIRMATION` asks about. */
  pendingId: string | null;
  locale: string | null;
  /** Which user, command or page asked for it; never an address. */
  queuedBy: string;
  state: MailState;
  priority: MailPriority;
  messageId: string | null;
}

/** From its end on, for as long as staff may ask what became of a mail. */
const keptForSeconds = 90 * 24 * 60 * 60;

const schema = new Schema<Mail>(
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
schema.index({ state: 1, priority: 1, dueAt: 1 });
schema.index({ state: 1, dueAt: 1 });
schema.index({ subscriberId: 1, at: 1 });
// One that is still to be sent has no end, and never expires.
schema.index({ endedAt: 1 }, { expireAfterSeconds: keptForSeconds });

export type MailModel = Model<Mail>;

export function mailModel(connection: Connection): MailModel {
  return connection.model<Mail>('Mail', schema);
}

/**
 * Gives a priority to queued mails that have none: an older release queued them, before the upgrade or during it.
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
 * Ends what waits to be sent to one subscriber; what is amid the dialogue with the mail server goes its way.
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
 * Ends mails whose worker stopped amid the dialogue: they may have arrived. The fence stays, so that a worker that was only slow may still
 * write what it learnt.
 * @returns how many there were
 */
export async function endAbandonedMails(model: MailModel): Promise<number> {
  const serverNow = await readServerClock(model.db);
  const result = await model.updateMany(
    { state: 'SENDING', dueAt: mongoose.trusted({ $lte: serverNow() }) },
    [{ $set: endedAs('UNKNOWN', 'the worker stopped amid the dialogue') }],
    { updatePipeline: true },
  );
  return result.modifiedCount;
}

const dayMs = 24 * 60 * 60 * 1000;
type MailOfDay = Pick<Mail, '_id' | 'kind' | 'state'>;

/**
 * The mails of one kind to one subscriber from 24 hours before a time on, in the order of queueing.
 * @param until for example when the mail in hand was queued, which then is among them
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
