/** A subscriber's history, whole, and the proof that it is: the chain holds, and replayed it gives the state. */
import type { Models } from '../../models/index.js';
import { findArchivedEvents } from '../../models/archived-event.js';
import type { Subscriber } from '../../models/subscriber.js';
import { livePending, replay } from './apply.js';
import { canonical, faultOfEvent } from './events.js';
import type { ConsentEvent, ConsentState } from '../../vocabulary/terms.js';

export interface History {
  subscriber: Subscriber;
  /** Every event, oldest first, archived ones included. */
  events: ConsentEvent[];
}

/** Reads state and events; null for a subscriber that nobody knows. */
export async function readHistory(
  models: Pick<Models, 'subscribers' | 'archivedEvents'>,
  subscriberId: string,
): Promise<History | null> {
  // The document first: what leaves it in between is in the archive by then, twice rather than not at all.
  const subscriber = await models.subscribers
    .findById(subscriberId)
    .readConcern('majority')
    .lean<Subscriber>();
  if (!subscriber) return null;
  const archived = await findArchivedEvents(models.archivedEvents, subscriberId);
  const bySeq = new Map(archived.map((event) => [event.seq, event]));
  for (const event of subscriber.events) bySeq.set(event.seq, event);
  return {
    subscriber,
    events: [...bySeq.values()].filter(({ seq }) => seq <= subscriber.seq).sort((a, b) => a.seq - b.seq),
  };
}

/** Every fault of a history, each one sentence; none means that nothing was taken out, added or altered. */
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
      `the record names event ${subscriber.seq} as its newest, and the history ends at ${head.seq}`,
    );
  }
  // The state of one that was merged went to another.
  if (subscriber.mergedInto) return faults;
  const at = subscriber.updatedAt;
  if (canonical(stateOnly(subscriber, at)) !== canonical(stateOnly(replay(events), at))) {
    faults.push('the state is not what the history, replayed, gives');
  }
  return faults;
}

/** The state alone, without wishes whose time is over: they are dropped without an event. */
export function stateOnly(state: ConsentState, at: Date): ConsentState {
  const { subscriptions, optOuts, snoozes, pending, undeliverable, undoable, epoch, erasedAt } = state;
  return {
    subscriptions,
    optOuts,
    snoozes,
    pending: livePending(pending, at),
    undeliverable,
    undoable: undoable ?? null,
    epoch,
    erasedAt,
  };
}
