/** Endpoints as staff use them: tests, redelivery, replay, change, deletion, and who sees them. */
import { beforeEach, expect, it } from 'vitest';
import {
  changeWebhook,
  deleteWebhook,
  queueTest,
  redeliver,
  replayFrom,
  webhooksWithin,
} from '../../../src/domain/webhooks/endpoints.js';
import { actors } from '../../support/judge.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { openWebhookRoom, sequences } from '../../support/webhook-room.js';

const room = await openWebhookRoom();
beforeEach(async () => {
  room.setTime(new Date());
  await room.reset();
});

const optIn = { kind: 'OPT_IN', typeId: trailNotes.id } as const;
const optedOut = () => room.optedOut();

it('a test and a redelivery are sent, the latter with its first id', async () => {
  const { id: endpointId } = await room.endpoint();
  await optedOut();
  await room.work(endpointId);
  const [{ _id } = { _id: '' }] = await room.deliveries(endpointId);
  await redeliver(room.hooks, { _id, endpointId });
  await queueTest(room.hooks, endpointId);
  await room.work(endpointId);
  const [first, ...others] = room.receiver.got;
  const again = others.find(({ event }) => event.type !== 'webhook.test');
  expect(others.map(({ event }) => event.type).sort()).toEqual([
    'subscription.status_changed',
    'webhook.test',
  ]);
  expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
});

it('a replay sends what happened from a time on, in order, and nothing of before', async () => {
  const { id: endpointId } = await room.endpoint();
  const hour = 3_600_000;
  const start = Date.now() - 10 * hour;
  room.setTime(new Date(start));
  const early = await optedOut();
  room.setTime(new Date(start + 2 * hour));
  const late = await optedOut();
  await room.act(late, actors.freshContact, optIn);
  await room.work(endpointId);
  const before = room.receiver.got.length;
  await replayFrom(room.hooks, await room.the(endpointId), new Date(start + hour));
  await room.work(endpointId);
  const again = room.receiver.got.slice(before);
  const { events } = await room.history(late);
  expect(sequences(again, late)).toEqual(events.map(({ seq }) => seq));
  expect(sequences(again, early)).toEqual([]);
});

it('a changed endpoint also gets what waited, and a deleted one leaves nothing', async () => {
  const { id } = await room.endpoint({ url: 'http://127.0.0.1:1/' });
  await optedOut();
  await room.work(id);
  const before = await room.the(id);
  const changed = { ...before, url: room.receiver.url };
  expect(await changeWebhook(room.hooks, before, changed)).toBe('SAVED');
  expect(await changeWebhook(room.hooks, before, changed)).toBe('STALE');
  await room.passTime();
  await room.work(id);
  expect(room.receiver.got).toHaveLength(1);
  await deleteWebhook(room.hooks, id);
  expect(await room.deliveries(id)).toEqual([]);
  expect(await room.models.feedCursors.countDocuments({ _id: new RegExp(`^webhook:${id}`) })).toBe(0);
});

it('an endpoint exists only for users who reach all of its units', async () => {
  const { id } = await room.endpoint({ unitIds: [northwind.id] });
  await room.endpoint();
  const within = async (scope: number[] | null) => (await webhooksWithin(room.hooks, scope)).length;
  expect([await within([northwind.id]), await within([fjell.id]), await within(null)]).toEqual([1, 0, 2]);
  await deleteWebhook(room.hooks, id);
});
