/** A contact's history as staff read it: the events of all its addresses, newest first, those of units outside the scope left out. */
import type { Models } from '../../models/index.js';
import { isInScope } from '../../scope.js';
import type { Scope } from '../../scope.js';
import { reading } from '../consent/durability.js';
import { readHistory } from '../consent/history.js';
import { channels } from '../consent/terms.js';
import type { Channel, ConsentEvent } from '../consent/terms.js';
import { getContact } from './read.js';

export interface WantedHistory {
  scope: Scope;
  contactId: string;
  channel?: Channel;
  /** What is of this unit, and what is of the whole account. */
  unitId?: number;
}

/**
 * Reads the events, archived ones included.
 * @throws DomainError `NOT_FOUND` where there is no such contact in the scope
 */
export async function readContactHistory(
  deps: { models: Pick<Models, 'contacts' | 'subscribers' | 'archivedEvents'> },
  { scope, contactId, channel, unitId }: WantedHistory,
): Promise<ConsentEvent[]> {
  const contact = await getContact(deps, { scope, contactId });
  const ids = channels
    .filter((one) => channel === undefined || one === channel)
    .flatMap((one) => contact.subscribers[one] ?? []);
  const histories = await Promise.all(ids.map((id) => reading(() => readHistory(deps.models, id))));
  return histories
    .flatMap((history) => (history?.subscriber.contactId === contactId ? history.events : []))
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
