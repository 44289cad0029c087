/** Setup for the change feed: the contacts setup, with the feed's parts and ways to inspect it. */
import pino from 'pino';
import type { FeedDeps } from '../../src/feed/contract.js';
import type { Change } from '../../src/models/change.js';
import type { Subscriber } from '../../src/models/subscriber.js';
import { openContactRoom } from './contact-room.js';
import type { ContactRoom } from './contact-room.js';
import { heldUp } from './crashing.js';

export interface FeedRoom extends ContactRoom {
  feed: FeedDeps;
  /** Empties what the feed reads and writes. */
  reset: () => Promise<void>;
  subscriber: (id: string) => Promise<Subscriber>;
  /** The entries of one subscriber or contact, in the order of the feed. */
  changesOf: (subjectId: string) => Promise<Change[]>;
  /** The feed's parts, with an act of a contact right before the first write of this kind. */
  overtakenAt: (write: string, act: () => Promise<unknown>) => FeedDeps;
}

export async function openFeedRoom(): Promise<FeedRoom> {
  const room = await openContactRoom();
  const { models } = room;
  const feed: FeedDeps = { ...room.contacts, models, log: pino({ level: 'silent' }) };
  return {
    ...room,
    feed,
    async reset() {
      const { subscribers, contacts, archivedEvents, changes, feedCursors, dayCounts } = models;
      for (const model of [subscribers, contacts, archivedEvents, changes, feedCursors, dayCounts])
        await model.collection.deleteMany({});
    },
    async subscriber(id) {
      const found = await models.subscribers.findById(id).lean<Subscriber>();
      if (!found) throw new Error('There is no such subscriber.');
      return found;
    },
    async changesOf(subjectId) {
      const all = await models.changes.find({}).sort({ _id: 1 }).lean<Change[]>();
      return all.filter(({ key }) => key.split(':')[1] === subjectId);
    },
    overtakenAt(write, act) {
      let isOver = false;
      const held = heldUp(models, async (one) => {
        if (one !== write || isOver) return;
        isOver = true;
        await act();
      });
      return { ...feed, models: held };
    },
  };
}
