/** Queues the deliveries of one endpoint from entries of the change feed. */
import mongoose from 'mongoose';
import { changeNumber, type Change, type SubjectChange } from '../../models/change.js';
import type { Models } from '../../models/index.js';
import { newlyQueued } from '../../models/queue.js';
import type { WebhookDelivery } from '../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { eventTypeOf } from '../changes/public-event.js';
import { chooseEntries } from '../changes/wanted-events.js';

/** An endpoint with so many waiting deliveries reads on once there are fewer. The rest waits in the feed, which keeps it anyway. */
const mostWaiting = 1000;

/** Names the endpoint's cursors. A replay has new ones. */
export function cursorName({ _id, replays }: Pick<WebhookEndpoint, '_id' | 'replays'>): string {
  return `webhook:${_id}:${replays}`;
}

export async function hasRoom(
  { webhookDeliveries }: Pick<Models, 'webhookDeliveries'>,
  { _id: endpointId }: Pick<WebhookEndpoint, '_id'>,
): Promise<boolean> {
  const which = { endpointId, state: 'QUEUED' } as const;
  return (await webhookDeliveries.countDocuments(which, { limit: mostWaiting })) < mostWaiting;
}

/** Queues those that the endpoint wants. Repeating it queues nothing twice. */
export async function queueDeliveries(
  { models, clock }: { models: Models; clock: () => Date },
  endpoint: WebhookEndpoint,
  entries: readonly Change[],
): Promise<void> {
  const { unitIds: scope, eventTypes, typeIds, replay } = endpoint;
  const chosen = await chooseEntries(models, entries, { scope, eventTypes, typeIds });
  const now = clock();
  const deliveries = chosen
    .filter(({ _id, event }) => !replay || event.at >= replay.from || changeNumber(_id) > seenOf(replay, _id))
    .map((entry) => deliveryOf(endpoint, entry, now));
  await insertInOrder(models, deliveries);
}

/** The last number of the entry's bucket that the endpoint had read before the replay. */
function seenOf({ seen }: NonNullable<WebhookEndpoint['replay']>, changeId: string): number {
  return seen[Number(changeId.slice(0, changeId.indexOf(':')))] ?? 0;
}

function deliveryOf(
  { _id: endpointId, replays }: WebhookEndpoint,
  entry: SubjectChange,
  now: Date,
): WebhookDelivery {
  return {
    ...newlyQueued(`${endpointId}:${replays}:${entry.key}`, now),
    ...{ endpointId, changeId: entry._id, type: eventTypeOf(entry), leasedBy: null, tries: [] },
    subject: entry.key.slice(0, entry.key.lastIndexOf(':')),
    place: `${String(replays).padStart(6, '0')}:${entry._id}`,
  };
}

/** A worker may take a delivery as soon as it is there, so one of the same line must never be there before it. */
async function insertInOrder(
  { webhookDeliveries }: Pick<Models, 'webhookDeliveries'>,
  deliveries: readonly WebhookDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const ids = mongoose.trusted({ $in: deliveries.map(({ _id }) => _id) });
  const known = await webhookDeliveries
    .find({ _id: ids }, { _id: 1 })
    .batchSize(deliveries.length + 1)
    .lean();
  const isKnown = new Set(known.map(({ _id }) => _id));
  const fresh = deliveries.filter(({ _id }) => !isKnown.has(_id));
  // If another process queues the same, this fails as a duplicate, and the follower comes again.
  if (fresh.length > 0) await webhookDeliveries.collection.insertMany(fresh as never, { ordered: true });
}
