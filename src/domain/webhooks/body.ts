/** The body of a delivery. It is made for each attempt, so an address that was erased meanwhile is not sent. */
import type { SubjectChange } from '../../models/change.js';
import type { Models } from '../../models/index.js';
import type { WebhookDelivery } from '../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { isConsentWithin } from '../changes/wanted-events.js';
import { eventIdOf, publicEventsOf, type PublicEvent } from '../changes/public-event.js';

/** `webhook-id`: that of the event, in each delivery of it. */
export function webhookIdOf({ _id, changeId }: Pick<WebhookDelivery, '_id' | 'changeId'>): string {
  return eventIdOf(changeId === null ? _id : _id.split(':').slice(2).join(':'));
}

/**
 * @param event of the delivery's entry in the feed; a test has none
 * @returns null if there is nothing to send
 */
export function bodyOf(
  { _id, changeId, at, type }: Pick<WebhookDelivery, '_id' | 'changeId' | 'at' | 'type'>,
  event: PublicEvent | undefined,
): { id: string; body: string } | null {
  const sent =
    changeId === null ? { id: eventIdOf(_id), type, timestamp: at.toISOString(), data: {} } : event;
  return sent ? { id: sent.id, body: JSON.stringify(sent) } : null;
}

/**
 * The body as it would be sent now.
 * @param unitIds business units of the endpoint. They may be fewer than when the delivery was queued
 */
export async function readBody(
  models: Pick<Models, 'changes' | 'contacts' | 'subscribers'>,
  delivery: WebhookDelivery,
  { unitIds }: Pick<WebhookEndpoint, 'unitIds'>,
): Promise<{ id: string; body: string } | null> {
  const entry = delivery.changeId && (await models.changes.findById(delivery.changeId).lean<SubjectChange>());
  const [event] =
    entry && isConsentWithin(entry, unitIds) ? await publicEventsOf(models, [entry], unitIds) : [];
  return bodyOf(delivery, event);
}
