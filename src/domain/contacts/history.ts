/** The history of a record for staff: the events of its addresses, newest first, without those of units outside the scope. */
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { EventPlace, WantedEvents } from '../consent/newest-events.js';
import type { Channel } from '../../vocabulary/terms.js';

export interface WantedHistory {
  scope: Scope;
  /** The addresses of the record. */
  addresses: readonly { channel: Channel; subscriberId: string }[];
  channel?: Channel | null;
  /** Events of this unit and of the whole account. */
  unitId?: number | null;
  /** Continues after a page. */
  before?: EventPlace | null;
}

/** The arguments for `newestEvents` and `readEventsPage`. */
export function eventsOfRecord(wanted: WantedHistory): WantedEvents {
  const { scope, addresses, channel = null, unitId = null, before = null } = wanted;
  const units = unitId === null ? (scope ?? undefined) : [unitId];
  return {
    subscriberIds: addresses
      .filter((address) => channel === null || address.channel === channel)
      .map(({ subscriberId }) => subscriberId),
    unitIds: units?.filter((id) => isInScope(scope, id)),
    before,
  };
}
