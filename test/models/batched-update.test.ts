/** Conditional writes that share a command: each learns its own result, and no other. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeEvents } from '../../src/domain/consent/events.js';
import type { ConsentEvent } from '../../src/vocabulary/terms.js';
import { rawCollectionOf } from '../../src/models/raw-collection.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { findSubscriber } from '../../src/models/find-subscribers.js';
import type { SubscriberModel } from '../../src/models/subscriber.js';
import { updateTogether } from '../../src/models/batched-update.js';
import { openTestDatabase } from '../support/connection.js';

const database = await openTestDatabase();
const model: SubscriberModel = database.models.subscribers;

async function somebody(): Promise<string> {
  const id = randomBytes(16).toString('base64url');
  await rawCollectionOf(model).insertOne(newSubscriber(id, 'EMAIL', null, new Date()));
  return id;
}

/** The first event of a subscriber, as any act would add it. */
function eventOf(): ConsentEvent {
  const [event] = makeEvents(
    { seq: 0, chainHead: '' },
    [{ op: 'LINKS_REVOKED', unitId: null, typeId: null, from: 0, to: 1 }],
    {
      at: new Date(),
      channel: 'EMAIL',
      actor: { kind: 'SYSTEM' },
      circumstances: {},
    },
  );
  if (!event) throw new Error('no event');
  return event;
}

/** @param set a fault for this write, where one is wanted */
function write(id: string, set: object = {}): Promise<boolean> {
  const event = eventOf();
  return updateTogether(model, {
    id,
    version: 0,
    mark: event.hash,
    update: {
      $set: { version: 1, chainHead: event.hash, ...set },
      $push: { events: { $each: [event] } },
    },
  });
}

const people = (count: number) => Promise.all(Array.from({ length: count }, somebody));
const versionsOf = async (ids: string[]) =>
  Promise.all(ids.map(async (id) => (await findSubscriber(model, id))?.version));

describe('conditional writes at the same time', () => {
  it('are all done', async () => {
    const ids = await people(40);
    expect(new Set(await Promise.all(ids.map((id) => write(id))))).toEqual(new Set([true]));
    expect(new Set(await versionsOf(ids))).toEqual(new Set([1]));
  });

  it('report exactly those with an outdated version', async () => {
    const ids = await people(20);
    const late = ids.filter((_, index) => index % 3 === 0);
    await rawCollectionOf(model).updateMany({ _id: { $in: late } }, { $set: { version: 7 } });
    const outcomes = await Promise.all(ids.map((id) => write(id)));
    expect(outcomes).toEqual(ids.map((id) => !late.includes(id)));
  });

  it('to one subscriber succeed once', async () => {
    const id = await somebody();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => write(id)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const whole = await rawCollectionOf(model).findOne({ _id: id });
    expect(whole?.events).toHaveLength(1);
  });

  it('report success although a later write has followed', async () => {
    const [taken = '', late = ''] = await people(2);
    const event = eventOf();
    const other = eventOf();
    // As if this write had succeeded, and another had followed before the check.
    await rawCollectionOf(model).updateOne(
      { _id: taken },
      { $set: { version: 2, chainHead: other.hash, events: [event, other] } },
    );
    await rawCollectionOf(model).updateOne({ _id: late }, { $set: { version: 2 } });
    const update = { $set: { version: 1 } };
    const outcomes = [taken, late].map((id) =>
      updateTogether(model, { id, version: 0, mark: event.hash, update }),
    );
    expect(await Promise.all(outcomes)).toEqual([true, false]);
  });

  it('are not affected by one that the database refuses', async () => {
    const ids = await people(5);
    const [wrong] = ids;
    const outcomes = await Promise.allSettled(
      ids.map((id) => write(id, id === wrong ? { 'address.inside.nothing': 1, _id: 'another' } : {})),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      ...Array.from({ length: 4 }, () => 'fulfilled'),
    ]);
    expect(await versionsOf(ids)).toEqual([0, 1, 1, 1, 1]);
  });
});

it('a batched read finds the known subscribers, and nothing for the unknown ones', async () => {
  const ids = await people(3);
  const asked = [...ids, 'nobody', ...ids];
  const found = await Promise.all(asked.map((id) => findSubscriber(model, id)));
  expect(found.map((head) => head?._id ?? null)).toEqual([...ids, null, ...ids]);
  expect(found[0]).not.toHaveProperty('events');
});
