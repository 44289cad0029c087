/** The conditional write: state and events of one subscriber together, or nothing where somebody else was quicker. */
import type { Models } from '../../models/index.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { isDuplicateKey, writing } from './durability.js';
import type { ConsentEvent } from './terms.js';

type StoreModels = Pick<Models, 'subscribers'>;

/**
 * Writes a subscriber that nobody knew.
 * @returns false where somebody made it meanwhile
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function insertSubscriber(models: StoreModels, whole: Subscriber): Promise<boolean> {
  return writing(async () => {
    try {
      await models.subscribers.collection.insertOne(whole as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  });
}

/**
 * Writes what differs between two states, on the condition that the version is still that of the first, and adds the events.
 * @returns false where the version has moved on: nothing was written
 * @throws DomainError `OUTCOME_UNKNOWN`
 */
export async function updateSubscriber(
  models: StoreModels,
  change: { head: SubscriberHead; next: SubscriberHead; events: ConsentEvent[]; isErased: boolean },
): Promise<boolean> {
  const { head, next, events, isErased } = change;
  // The mark is set anew with each write: what cleared it meanwhile knew nothing of this one.
  const fields = { ...altered(head, next), ...(next.isUnprojected ? { isUnprojected: true as const } : {}) };
  const update = isErased ? erasure(fields, events) : { $set: fields, $push: { events: { $each: events } } };
  const outcome = await writing(() =>
    models.subscribers.collection.updateOne(
      { _id: head._id as never, version: head.version },
      update as never,
    ),
  );
  return outcome.matchedCount === 1;
}

/** The fields that differ; untouched parts of the state are the same objects. */
function altered(head: SubscriberHead, next: SubscriberHead): Partial<SubscriberHead> {
  const before: Record<string, unknown> = { ...head };
  return Object.fromEntries(Object.entries(next).filter(([name, value]) => before[name] !== value));
}

/** Takes the free text out of every event, the new ones too, in the same write. */
function erasure(fields: object, events: ConsentEvent[]): object[] {
  const wordless = {
    $map: { input: '$events', as: 'event', in: { $mergeObjects: ['$$event', { detail: null }] } },
  };
  const added = events.map((event) => ({ ...event, detail: null }));
  const set = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { $literal: value }]));
  return [{ $set: { ...set, events: { $concatArrays: [wordless, { $literal: added }] } } }];
}
