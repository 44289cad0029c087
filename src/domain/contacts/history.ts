/** The history of a record as staff read it: the events of all its addresses, newest first, those of units outside the scope left out. */
import type { Models } from '../../models/index.js';
import { isInScope } from '../../scope.js';
import type { Scope } from '../../scope.js';
import { reading } from '../consent/durability.js';
import { readEvents } from '../consent/history.js';
import { channels } from '../consent/terms.js';
import type { Channel, ConsentEvent } from '../consent/terms.js';

export interface WantedHistory {
  scope: Scope;
  /** The addresses of the record. */
  subscriberIds: readonly string[];
  channel?: Channel;
  /** What is of this unit, and what is of the whole account. */
  unitId?: number;
}

/** Reads the events, archived ones included. */
export async function readRecordHistory(
  deps: { models: Pick<Models, 'subscribers' | 'archivedEvents'> },
  { scope, subscriberIds, channel, unitId }: WantedHistory,
): Promise<ConsentEvent[]> {
  const histories = await Promise.all(subscriberIds.map((id) => reading(() => readEvents(deps.models, id))));
  return histories
    .flat()
    .filter((event) => channel === undefined || event.channel === channel)
    .filter(({ change }) => {
      if (change.unitId === null) return true;
      return isInScope(scope, change.unitId) && (unitId === undefined || change.unitId === unitId);
    })
    .sort(
      (a, b) =>
        b.at.getTime() - a.at.getTime() ||
        channels.indexOf(a.channel) - channels.indexOf(b.channel) ||
        b.seq - a.seq,
    );
}
