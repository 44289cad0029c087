/** Setup for webhooks: the feed's setup, a receiver, endpoints, and a worker that a test moves on by hand. */
import { createEndpoint, findWebhook, type EndpointSettings } from '../../src/domain/webhooks/endpoints.js';
import { deliverDue, type DeliveryDeps } from '../../src/domain/webhooks/deliver.js';
import { drainFeed } from '../../src/feed/run.js';
import type { WebhookDelivery } from '../../src/models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../src/models/webhook-endpoint.js';
import { openFeedRoom, type FeedRoom } from './feed-room.js';
import { actors } from './judge.js';
import { trailNotes } from './people.js';
import { openReceiver, type GotWebhook, type Receiver } from './receiver.js';

export interface WebhookRoom extends FeedRoom {
  hooks: DeliveryDeps;
  receiver: Receiver;
  endpoint: (settings?: Partial<EndpointSettings>) => Promise<{ id: string; secret: string }>;
  /** Somebody new who opts out of one type. Returns the subscriber id. */
  optedOut: () => Promise<string>;
  the: (id: string) => Promise<WebhookEndpoint>;
  deliveries: (endpointId: string) => Promise<WebhookDelivery[]>;
  /** Publishes what happened, and delivers what is due to this endpoint. */
  work: (endpointId: string) => Promise<void>;
  /** Ends the waits of all deliveries that are to be tried again. */
  passTime: () => Promise<void>;
}

export const hooksConfig = { subscriberIdKey: 'the key of the tests', privateSources: ['127.0.0.1'] };

export async function openWebhookRoom(): Promise<WebhookRoom> {
  const room = await openFeedRoom();
  const receiver = await openReceiver();
  const { models } = room;
  const hooks = { models, clock: room.feed.clock, config: hooksConfig };
  return {
    ...room,
    ...{ hooks, receiver },
    endpoint: (settings = {}) => {
      const all = { name: 'Test', url: receiver.url, eventTypes: [], unitIds: null, typeIds: [] };
      return createEndpoint(hooks, { ...all, ...settings }, 'user:1');
    },
    async optedOut() {
      const id = await room.somebody();
      await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
      return id;
    },
    async the(id) {
      const found = await findWebhook(hooks, id, null);
      if (!found) throw new Error('There is no such endpoint.');
      return found;
    },
    deliveries: (endpointId) =>
      models.webhookDeliveries.find({ endpointId }).sort({ subject: 1, place: 1 }).lean<WebhookDelivery[]>(),
    async work(endpointId) {
      await drainFeed(room.feed);
      await deliverDue(hooks, endpointId);
    },
    async passTime() {
      await models.webhookDeliveries.updateMany({ state: 'QUEUED' }, { dueAt: new Date(0) });
    },
    async reset() {
      await room.reset();
      receiver.got.length = 0;
      receiver.answer((_got, response) => void response.end('taken'));
      await models.webhookEndpoints.deleteMany({});
      await models.webhookDeliveries.deleteMany({});
    },
  };
}

/** The numbers of a subscriber's events, as they arrived. */
export const sequences = (got: readonly GotWebhook[], subscriberId: string) =>
  got.filter(({ event }) => event.data.subscriberId === subscriberId).map(({ event }) => event.data.sequence);
