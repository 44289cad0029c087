/** The history of a record as staff read it: the events of its addresses, newest first, those of units outside the scope left out. */
import { isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { EventPlace, WantedEvents } from '../consent/newest-events.js';
import type { Channel } from '../../vocabulary/terms.js';

export interface WantedHistory {
  scope: Scope;
  /** The addresses of the record. */
  addresses: readonly { channel: Channel; subscriberId: string }[];
  channel?: Channel | null;
  /** What is of this unit, and what is of the whole account. */
  unitId?: number | null;
  /** To go on behind a page. */
  before?: EventPlace | null;
}

/** What `newestEvents` and `readEventsPage` are to give. */
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
