/** The body of a delivery. It is made for each attempt, so an address that was erased meanwhile is not sent. */
import type { WebhookDelivery } from '../../models/webhook-delivery.js';
import { eventIdOf, type PublicEvent } from '../changes/public-event.js';

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
