/** Why a contact gets no preferences link in bulk work and workflows. */
import type { Contact } from '../../models/contact.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { RefusalCode, RowRefusal } from '../../vocabulary/refusal-codes.js';

/**
 * Contacts who opted out of all mail of the unit get no link without asking. Staff can send a link to a contact who asks.
 * @returns null if the link may be mailed
 */
export function whyNoLink(
  unitId: number,
  contact: Pick<Contact, 'unitIds'>,
  subscriber: SubscriberHead | undefined,
): RefusalCode | RowRefusal | null {
  if (!contact.unitIds.includes(unitId)) return 'OTHER_UNIT';
  if (!subscriber?.address) return 'NO_ADDRESS';
  if (subscriber.undeliverable) return 'UNDELIVERABLE';
  const { portal, units } = subscriber.optOuts;
  return portal || units[unitId] ? 'PREVIOUSLY_OPTED_OUT' : null;
}
