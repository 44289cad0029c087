/** Migrations that rebuild the state of subscribers from their history, or a part of it. */
import mongoose from 'mongoose';
import { findAllEvents } from '../../models/archived-event.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { replay } from './apply.js';
import { machineMadeOf } from './machine-opt-outs.js';
import type { ConsentState } from '../../vocabulary/terms.js';

type RebuildModels = Pick<Models, 'subscribers' | 'archivedEvents' | 'types'>;

const batchSize = 200;

/** Schema version 5: the whole state of each subscriber that still has the state of an older release, as opt-outs by party (decision 0500). */
export async function rebuildStates(models: RebuildModels): Promise<void> {
  const types = await models.types.find({}).lean();
  const catalogue = { types: new Map(types.map(({ _id: id, ...type }) => [id, { ...type, id }])) };
  await rebuildAll(models, { subscriptions: { $exists: false } }, (state) => ({
    $set: { ...state, machineMade: machineMadeOf(state, catalogue) },
    $unset: { statuses: '' },
  }));
}

/** Schema version 13: the opt-outs that have ended (decision 0722). A history of one event has none. */
export async function noteEndedOptOuts(models: RebuildModels): Promise<void> {
  const older = { endedOptOuts: { $exists: false }, seq: { $gt: 1 }, mergedInto: { $exists: false } };
  await rebuildAll(models, older, ({ endedOptOuts = {}, undoable }) => ({
    $set: { endedOptOuts, undoable },
  }));
}

/**
 * Replays the history of each subscriber that matches, including archived events, and updates it. Events are not modified, so the chain stays valid.
 * Repeating it changes nothing. A document that is written in the meantime is read again.
 */
async function rebuildAll(
  models: RebuildModels,
  older: object,
  updateOf: (state: ConsentState) => object,
): Promise<void> {
  for (let isDone = false; !isDone;) {
    isDone = true;
    let batch: string[] = [];
    for await (const { _id } of models.subscribers.collection.find<{ _id: string }>(older, {
      projection: { _id: 1 },
    })) {
      batch.push(_id);
      if (batch.length < batchSize) continue;
      isDone = (await rebuild(models, batch, updateOf)) && isDone;
      batch = [];
    }
    isDone = (await rebuild(models, batch, updateOf)) && isDone;
  }
}

/** @returns false if one of them was written in the meantime and must be read again */
async function rebuild(
  models: RebuildModels,
  ids: string[],
  updateOf: (state: ConsentState) => object,
): Promise<boolean> {
  if (ids.length === 0) return true;
  const found = await models.subscribers.find({ _id: mongoose.trusted({ $in: ids }) }).lean<Subscriber[]>();
  const writes = [];
  for (const subscriber of found) {
    const { _id, version } = subscriber;
    const state = replay(await findAllEvents(models.archivedEvents, subscriber));
    const update = { ...updateOf(state), $inc: { version: 1 } };
    writes.push({ updateOne: { filter: { _id: _id as never, version }, update: update as never } });
  }
  const { matchedCount } = await models.subscribers.collection.bulkWrite(writes, { ordered: false });
  return matchedCount === writes.length;
}
