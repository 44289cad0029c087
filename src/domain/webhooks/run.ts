/** Starts deliveries: each endpoint has its own, so a slow one delays neither the others nor other work of the worker. */
import { trusted } from 'mongoose';
import { keepConnections } from '../../guarded-get.js';
import { readServerClock } from '../../models/server-clock.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { tellStaff, type WebhookDeps } from './alerts.js';
import { deliverDue, maySend } from './deliver.js';

/**
 * Starts deliveries of each endpoint that has some due and is not under way, and returns without waiting for them.
 * @param underWay by endpoint; what has ended is taken out
 */
export async function startDueWebhooks(
  deps: WebhookDeps,
  underWay: Map<string, Promise<unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const { webhookEndpoints, webhookDeliveries } = deps.models;
  const endpoints = await webhookEndpoints.find({}).lean<WebhookEndpoint[]>();
  await tellStaff(deps, endpoints);
  const idle = endpoints.filter((one) => maySend(one, deps.clock()) && !underWay.has(one._id));
  if (idle.length === 0) return;
  const now = (await readServerClock(webhookDeliveries.db))();
  for (const { _id: endpointId } of idle) {
    const due = { endpointId, state: 'QUEUED', dueAt: trusted({ $lte: now }) } as const;
    if (!(await webhookDeliveries.exists(due))) continue;
    const work = keepConnections(deps.config.privateSources)
      .then(async (connections) => {
        try {
          await deliverDue(deps, endpointId, { signal, connections });
        } finally {
          for (const agent of Object.values(connections)) agent.destroy();
        }
      })
      .catch((err: unknown) => deps.log.warn({ err, endpointId }, 'webhooks were not delivered'))
      .finally(() => underWay.delete(endpointId));
    underWay.set(endpointId, work);
  }
}
