/** Reads a subscriber's complete history and proves it: the chain is valid, and replaying it gives the state. */
import type { Models } from '../../models/index.js';
import { findAllEvents } from '../../models/archived-event.js';
import type { Subscriber } from '../../models/subscriber.js';
import { livePending, replay } from './apply.js';
import { canonical, faultOfEvent } from './events.js';
import type { ConsentEvent, ConsentState } from '../../vocabulary/terms.js';

export interface History {
  subscriber: Subscriber;
  /** Every event, oldest first, archived ones included. */
  events: ConsentEvent[];
}

/** Reads state and events; null for an unknown subscriber. */
export async function readHistory(
  models: Pick<Models, 'subscribers' | 'archivedEvents'>,
  subscriberId: string,
): Promise<History | null> {
  const subscriber = await models.subscribers.findById(subscriberId).lean<Subscriber>();
  if (!subscriber) return null;
  const events = await findAllEvents(models.archivedEvents, subscriber);
  return { subscriber, events: events.filter(({ seq }) => seq <= subscriber.seq) };
}

/** Every fault of a history, one sentence each. No fault means that nothing was removed, added or altered. */
export function faultsOfHistory({ subscriber, events }: History): string[] {
  const faults: string[] = [];
  let head = { seq: 0, chainHead: '' };
  for (const event of events) {
    const fault = faultOfEvent(head, event);
    if (fault) faults.push(fault);
    head = { seq: event.seq, chainHead: event.hash };
  }
  if (head.seq !== subscriber.seq || head.chainHead !== subscriber.chainHead) {
    faults.push(
      `the record names event ${subscriber.seq} as its newest, but the history ends at ${head.seq}`,
    );
  }
  // The state of a merged subscriber moved to the other one.
  if (subscriber.mergedInto) return faults;
  const at = subscriber.updatedAt;
  if (canonical(stateOnly(subscriber, at)) !== canonical(stateOnly(replay(events), at))) {
    faults.push('replaying the history does not give the stored state');
  }
  return faults;
}

/** The state alone, without expired wishes, which are dropped without an event. */
export function stateOnly(state: ConsentState, at: Date): ConsentState {
  const { subscriptions, optOuts, snoozes, pending, undeliverable, undoable, epoch, erasedAt } = state;
  const { endedOptOuts = {} } = state;
  return {
    subscriptions,
    optOuts,
    snoozes,
    pending: livePending(pending, at),
    undeliverable,
    undoable: undoable ?? null,
    endedOptOuts,
    epoch,
    erasedAt,
  };
}
