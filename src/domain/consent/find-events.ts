/** Finds events by their numbers: in the document, and older ones in the archive. */
import mongoose from 'mongoose';
import { archivedEventKey, type ArchivedEvent } from '../../models/archived-event.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { reading } from './durability.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

/** The events that are wanted of one subscriber. */
export interface WantedEvents {
  subscriber: Pick<Subscriber, '_id' | 'events'>;
  seqs: readonly number[];
}

/** Looks up one of the found events; undefined if it was found nowhere. */
export type FoundEvents = (subscriberId: string, seq: number) => ConsentEvent | undefined;

/** Looks up events of several subscribers: at most one read, of the archive, and no more documents than were asked for. */
export async function findEvents(
  models: Pick<Models, 'archivedEvents'>,
  wanted: readonly WantedEvents[],
): Promise<FoundEvents> {
  const found = new Map<string, ConsentEvent>();
  const missing: string[] = [];
  for (const { subscriber, seqs } of wanted) {
    const own = new Map(subscriber.events.map((event) => [event.seq, event]));
    for (const seq of new Set(seqs)) {
      const event = own.get(seq);
      const key = archivedEventKey(subscriber._id, seq);
      if (event) found.set(key, event);
      else missing.push(key);
    }
  }
  if (missing.length > 0) {
    const archived = await reading(() =>
      models.archivedEvents.find({ _id: mongoose.trusted({ $in: missing }) }).lean<ArchivedEvent[]>(),
    );
    for (const { _id, event } of archived) found.set(_id, event);
  }
  return (subscriberId, seq) => found.get(archivedEventKey(subscriberId, seq));
}
