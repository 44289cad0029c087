/** The followers that queue webhooks: one for each endpoint, so that an endpoint begins, rests and repeats on its own. */
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import type { FeedDeps, Follower } from '../contract.js';

export async function findWebhookFollowers({ models }: Pick<FeedDeps, 'models'>): Promise<Follower[]> {
  const endpoints = await models.webhookEndpoints.find({ state: 'ACTIVE' }).lean<WebhookEndpoint[]>();
  if (endpoints.length === 0) return [];
  const { cursorName, hasRoom, queueDeliveries } = await import('../../domain/webhooks/queue-deliveries.js');
  return endpoints.map((endpoint) => ({
    name: cursorName(endpoint),
    isReady: () => hasRoom(models, endpoint),
    follow: (deps, entries) => queueDeliveries(deps, endpoint, entries),
  }));
}
