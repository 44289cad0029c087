/** Webhooks with a real receiver: signatures, retries, order, filters, secrets, replays and refused addresses. */
import { beforeEach, describe, expect, it } from 'vitest';
import { deliverDue, retryMs } from '../../../src/domain/webhooks/deliver.js';
import { overlapMs, rotateSecret, switchWebhook } from '../../../src/domain/webhooks/endpoints.js';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { drainFeed } from '../../../src/feed/run.js';
import { watchedBy } from '../../support/connection.js';
import { answering, openReceiver, verified, type GotWebhook } from '../../support/receiver.js';
import { actors } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes } from '../../support/people.js';
import { hooksConfig, openWebhookRoom, sequences } from '../../support/webhook-room.js';

const room = await openWebhookRoom();
beforeEach(async () => {
  // Receivers compare the timestamp with their own clock.
  room.setTime(new Date());
  await room.reset();
});

const optOut = { kind: 'OPT_OUT', typeId: trailNotes.id } as const;
const optIn = { kind: 'OPT_IN', typeId: trailNotes.id } as const;
const optedOut = () => room.optedOut();

it('an opt-out arrives signed, with the address, and is sent once', async () => {
  const { id: endpointId, secret } = await room.endpoint();
  const id = await room.somebody('alice@example.com');
  await room.act(id, actors.oneClick, optOut);
  await room.work(endpointId);
  await room.work(endpointId);
  const [got] = room.receiver.got;
  expect(room.receiver.got).toHaveLength(1);
  expect(got && verified(secret, got)).toMatchObject({
    id: got?.headers['webhook-id'],
    type: 'subscription.status_changed',
    data: {
      ...{ subscriberId: id, address: 'alice@example.com', channel: 'EMAIL', to: 'UNSUBSCRIBED' },
      ...{ businessUnitId: trailNotes.unitId, subscriptionTypeId: trailNotes.id, sequence: 1 },
      actor: { kind: 'ONE_CLICK' },
    },
  });
  expect(() => got && verified(`whsec_${Buffer.alloc(32).toString('base64')}`, got)).toThrow();
  expect(await room.deliveries(endpointId)).toMatchObject([
    { state: 'DELIVERED', tries: [{ status: 200, text: 'taken' }] },
  ]);
});

it('an endpoint gets what happens after its creation, and nothing of before', async () => {
  const before = await optedOut();
  await drainFeed(room.feed);
  const { id } = await room.endpoint();
  const after = await optedOut();
  await room.work(id);
  expect(sequences(room.receiver.got, before)).toEqual([]);
  expect(sequences(room.receiver.got, after)).toEqual([1]);
});

describe('a delivery that fails', () => {
  it('is repeated with the same id, a fresh timestamp and a fresh signature', async () => {
    const { id: endpointId, secret } = await room.endpoint();
    await optedOut();
    room.receiver.answer(answering(500));
    await room.work(endpointId);
    await room.work(endpointId);
    expect(room.receiver.got, 'it waits for its time').toHaveLength(1);
    room.setTime(new Date(Date.now() + 5000));
    await room.passTime();
    await room.work(endpointId);
    const [one, other] = room.receiver.got;
    expect(other?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
    for (const name of ['webhook-timestamp', 'webhook-signature'])
      expect(other?.headers[name]).not.toBe(one?.headers[name]);
    for (const got of room.receiver.got) verified(secret, got);
  });

  it('waits longer each time, ends after the last attempt, and staff are to be told', async () => {
    const { id: endpointId } = await room.endpoint();
    await optedOut();
    room.receiver.answer(answering(500));
    for (const wait of retryMs) {
      const before = Date.now();
      await room.work(endpointId);
      const [{ dueAt } = { dueAt: new Date(0) }] = await room.deliveries(endpointId);
      expect(dueAt.getTime()).toBeGreaterThanOrEqual(before + wait - 1000);
      expect(dueAt.getTime()).toBeLessThanOrEqual(Date.now() + wait * 1.1 + 1000);
      await room.passTime();
    }
    expect(await room.the(endpointId)).toMatchObject({ failingSince: null, alert: null });
    await room.work(endpointId);
    expect(room.receiver.got).toHaveLength(10);
    expect(await room.deliveries(endpointId)).toMatchObject([{ state: 'FAILED', lastError: 'HTTP 500' }]);
    expect(await room.the(endpointId)).toMatchObject({ state: 'ACTIVE', alert: { what: 'FAILING' } });
    // The next event is tried, and its success ends the failure.
    room.receiver.answer(answering(204));
    await optedOut();
    await room.work(endpointId);
    expect(await room.the(endpointId)).toMatchObject({ failingSince: null });
  });

  it('is not sent to where a redirect leads', async () => {
    const { id: endpointId } = await room.endpoint();
    const other = await openReceiver();
    await optedOut();
    room.receiver.answer(answering(307, { location: other.url }));
    await room.work(endpointId);
    expect(other.got).toHaveLength(0);
    expect(await room.deliveries(endpointId)).toMatchObject([{ state: 'QUEUED', lastError: 'HTTP 307' }]);
  });

  it('waits at least as long as the receiver asks, and so do all others to this endpoint', async () => {
    const { id: endpointId } = await room.endpoint();
    for (let one = 0; one < 30; one++) await optedOut();
    room.receiver.answer(answering(429, { 'retry-after': '600' }));
    await room.work(endpointId);
    expect(room.receiver.got.length).toBeLessThanOrEqual(10);
    const deliveries = await room.deliveries(endpointId);
    for (const { dueAt } of deliveries) expect(dueAt.getTime()).toBeGreaterThan(Date.now() + 590_000);
    await room.passTime();
    await room.work(endpointId);
    expect(room.receiver.got.length, 'the endpoint rests').toBeLessThanOrEqual(10);
    room.receiver.answer(answering(200));
    room.setTime(new Date(Date.now() + 601_000));
    await room.work(endpointId);
    expect((await room.deliveries(endpointId)).every(({ state }) => state === 'DELIVERED')).toBe(true);
  });

  it('puts all that was not tried back in one statement', async () => {
    const { id: endpointId } = await room.endpoint();
    for (let one = 0; one < 30; one++) await optedOut();
    await drainFeed(room.feed);
    room.receiver.answer(answering(503));
    let updates = 0;
    const { models } = await watchedBy(room.database, ({ update, updates: writes }) => {
      if (update === 'webhook_deliveries' && writes[0].multi) updates += 1;
    });
    await deliverDue({ ...room.hooks, models }, endpointId);
    // The lease, and what was not tried.
    expect(updates).toBe(2);
    expect(await room.deliveries(endpointId)).toHaveLength(30);
    for (const { state, leasedBy } of await room.deliveries(endpointId))
      expect({ state, leasedBy }).toEqual({ state: 'QUEUED', leasedBy: null });
  });

  it('turns the endpoint off when the receiver is gone, and loses nothing', async () => {
    const { id: endpointId } = await room.endpoint();
    const id = await optedOut();
    room.receiver.answer(answering(410));
    await room.work(endpointId);
    expect(await room.the(endpointId)).toMatchObject({ state: 'GONE', alert: { what: 'GONE' } });
    await room.act(id, actors.freshContact, optIn);
    await room.work(endpointId);
    expect(room.receiver.got).toHaveLength(1);
    room.receiver.answer(answering(200));
    await switchWebhook(room.hooks, await room.the(endpointId), 'ACTIVE');
    await room.work(endpointId);
    const { events } = await room.history(id);
    expect(new Set(sequences(room.receiver.got, id))).toEqual(new Set(events.map(({ seq }) => seq)));
  });
});

it('a receiver that is down is tried again, with the reason stored', async () => {
  const { id } = await room.endpoint({ url: 'http://127.0.0.1:1/' });
  await optedOut();
  await room.work(id);
  expect(await room.deliveries(id)).toMatchObject([{ state: 'QUEUED', tries: [{ status: null }] }]);
});

it.each([
  ...['https://127.0.0.1:1/', 'https://localhost:1/', 'https://[::1]:1/', 'https://169.254.169.254/'],
  ...['https://[::ffff:10.0.0.1]:1/', 'https://2130706433:1/', 'https://192.168.0.1:1/'],
])('%s is refused at the connection', async (url) => {
  const { id } = await room.endpoint({ url });
  await optedOut();
  await drainFeed(room.feed);
  await deliverDue({ ...room.hooks, config: { ...hooksConfig, privateSources: [] } }, id);
  const [{ tries } = { tries: [] }] = await room.deliveries(id);
  expect(tries).toMatchObject([{ status: null, text: expect.stringContaining('private address') }]);
});

it('the events of a subscriber arrive in order, although one in three attempts fails', async () => {
  const { id: endpointId } = await room.endpoint();
  const people = await Promise.all(Array.from({ length: 8 }, () => room.somebody()));
  let count = 0;
  const taken: GotWebhook[] = [];
  room.receiver.answer((got, response) => {
    const fails = count++ % 3 === 0;
    if (!fails) taken.push(got);
    response.writeHead(fails ? 500 : 200).end();
  });
  for (let round = 0; round < 4; round++) {
    for (const id of people) {
      await room.act(id, actors.freshContact, optOut);
      await room.act(id, actors.freshContact, optIn);
    }
    await room.work(endpointId);
    await room.passTime();
  }
  for (let left = 1; left > 0;) {
    await room.passTime();
    await room.work(endpointId);
    left = (await room.deliveries(endpointId)).filter(({ state }) => state === 'QUEUED').length;
  }
  for (const id of people) {
    const { events } = await room.history(id);
    expect(sequences(taken, id)).toEqual(events.map(({ seq }) => seq));
  }
});

it('an entry of the feed that a reader does not see yet holds back those behind it, and none is skipped', async () => {
  const { id } = await room.endpoint();
  const somebody = await room.somebody();
  for (const wish of [optOut, optIn, optOut]) await room.act(somebody, actors.freshContact, wish);
  // Published, and not queued yet.
  await switchWebhook(room.hooks, await room.the(id), 'PAUSED');
  await drainFeed(room.feed);
  const [, hidden] = await room.changesOf(somebody);
  await room.models.changes.collection.deleteOne({ _id: (hidden?._id ?? '') as never });
  await switchWebhook(room.hooks, await room.the(id), 'ACTIVE');
  await room.work(id);
  expect(sequences(room.receiver.got, somebody)).toEqual([1]);
  await room.models.changes.collection.insertOne(hidden as never);
  await room.work(id);
  const { events } = await room.history(somebody);
  expect(sequences(room.receiver.got, somebody)).toEqual(events.map(({ seq }) => seq));
});

it('an endpoint gets only the types of events, units and subscription types that it asks for', async () => {
  const { id } = await room.endpoint({
    ...{ eventTypes: ['subscription.status_changed'], unitIds: [northwind.id], typeIds: [trailNotes.id] },
  });
  const wanted = await optedOut();
  const other = await room.somebody();
  await room.act(other, actors.oneClick, { kind: 'OPT_OUT', typeId: offers.id });
  await room.contact({ email: 'nobody@example.com' });
  await room.work(id);
  expect(room.receiver.got.map(({ event }) => event.data.subscriberId)).toEqual([wanted]);
});

it('a limited endpoint gets changes of contacts of its units only, deletions included', async () => {
  const eventTypes = ['contact.created', 'contact.deleted'] as const;
  const { id } = await room.endpoint({ eventTypes: [...eventTypes], unitIds: [northwind.id] });
  const own = await room.contact({ email: 'own@example.com', unitIds: [northwind.id] });
  const other = await room.contact({ email: 'other@example.com', unitIds: [fjell.id] });
  await room.work(id);
  for (const { _id } of [own, other]) await deleteContact(room.contacts, { scope: null, contactId: _id });
  await room.work(id);
  expect(room.receiver.got.map(({ event }) => [event.type, event.data['contactId']])).toEqual(
    eventTypes.map((type) => [type, own._id]),
  );
});

it('both secrets sign for 24 hours after a new one was made, and then only the new one', async () => {
  const { id: endpointId, secret: old } = await room.endpoint();
  const fresh = await rotateSecret(room.hooks, await room.the(endpointId));
  await optedOut();
  await room.work(endpointId);
  const [first] = room.receiver.got;
  for (const secret of [old, fresh ?? '']) if (first) verified(secret, first);
  expect(String(first?.headers['webhook-signature']).split(' ')).toHaveLength(2);
  room.setTime(new Date(Date.now() + overlapMs + 1000));
  await optedOut();
  await drainFeed(room.feed);
  await room.passTime();
  await room.work(endpointId);
  const second = room.receiver.got[1];
  expect(String(second?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  expect(() => second && verified(old, second)).toThrow();
});
