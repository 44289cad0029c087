/**
 * Deliveries: one event on its way to one endpoint. It names the entry of the feed, and holds no body, so that no address is stored here. The events
 * of one subscriber are a line: a delivery is due only when those before it have ended.
 */
import mongoose, { Schema, type Model } from 'mongoose';
import type { TimeAndId } from '../cursor.js';
import type { EventType } from '../vocabulary/event-types.js';
import { olderThan } from './older-than.js';
import { queuedFields, type Queued } from './queue.js';

export const deliveryStates = ['QUEUED', 'DELIVERED', 'FAILED'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One attempt. */
export interface DeliveryTry {
  at: Date;
  ms: number;
  /** Null: there was no answer. */
  status: number | null;
  /** The beginning of the answer, or why there was none. */
  text: string;
}

export interface WebhookDelivery extends Queued {
  /** `<endpoint>:<replay>:<key of the entry>`: an event is queued once, however often the feed is read. */
  _id: string;
  state: DeliveryState;
  endpointId: string;
  /** The entry of the feed; null for a test. */
  changeId: string | null;
  type: EventType | 'webhook.test';
  /** `<kind>:<id>` of the subscriber or contact: its deliveries to an endpoint are in order. */
  subject: string;
  /** The place in the line. */
  place: string;
  /** Random name of the lease, which finds what one command has leased. */
  leasedBy: string | null;
  /** The newest ones, oldest first. */
  tries: DeliveryTry[];
  /** The call of the API that asked for the last redelivery. */
  callId?: string;
}

/** Since its end, so that staff may see it and send it again. */
const keptForSeconds = 30 * 24 * 60 * 60;

const text = { type: String, required: true } as const;
export const webhookDeliverySchema = new Schema<WebhookDelivery>(
  {
    ...queuedFields,
    ...{ endpointId: text, type: text as never, subject: text, place: text },
    changeId: { type: String, default: null },
    leasedBy: { type: String, default: null },
    callId: String,
    tries: { type: [Schema.Types.Mixed], default: [] } as never,
  },
  { collection: 'webhook_deliveries', versionKey: false },
);
webhookDeliverySchema.index({ endpointId: 1, state: 1, dueAt: 1, place: 1 });
webhookDeliverySchema.index({ endpointId: 1, subject: 1, state: 1, place: 1 });
webhookDeliverySchema.index({ endpointId: 1, at: -1, _id: -1 });
webhookDeliverySchema.index({ endedAt: 1 }, { expireAfterSeconds: keptForSeconds });

export type WebhookDeliveryModel = Model<WebhookDelivery>;

/**
 * The lines of these subjects: what is not delivered yet, in order. Read after the lease, so that what is missing has ended.
 * @returns the deliveries of each subject
 */
export async function findLines(
  model: WebhookDeliveryModel,
  endpointId: string,
  subjects: readonly string[],
): Promise<Map<string, Pick<WebhookDelivery, '_id' | 'dueAt'>[]>> {
  const found = await model
    .find(
      { endpointId, subject: mongoose.trusted({ $in: [...subjects] }), state: 'QUEUED' },
      { subject: 1, dueAt: 1 },
    )
    .sort({ subject: 1, place: 1 })
    .lean<Pick<WebhookDelivery, '_id' | 'dueAt' | 'subject'>[]>();
  const lines = new Map<string, Pick<WebhookDelivery, '_id' | 'dueAt'>[]>();
  for (const one of found) lines.set(one.subject, [...(lines.get(one.subject) ?? []), one]);
  return lines;
}

/** The newest deliveries of an endpoint. @param wish `before` continues after a page */
export async function findDeliveries(
  model: WebhookDeliveryModel,
  wish: {
    endpointId: string;
    state?: DeliveryState | undefined;
    before: TimeAndId | null;
    limit: number;
  },
): Promise<WebhookDelivery[]> {
  const { endpointId, state, before, limit } = wish;
  return model
    .find({ endpointId, ...(state && { state }), ...olderThan(before) })
    .sort({ at: -1, _id: -1 })
    .limit(limit)
    .lean<WebhookDelivery[]>();
}
