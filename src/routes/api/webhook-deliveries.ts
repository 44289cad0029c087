/** The API of the deliveries of a webhook: what was sent, how the receiver answered, tests and redelivery. */
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import { readBody, webhookIdOf } from '../../domain/webhooks/body.js';
import { findDelivery, queueTest, redeliver } from '../../domain/webhooks/endpoints.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { findDeliveries, type DeliveryState, type WebhookDelivery } from '../../models/webhook-delivery.js';
import type { Answer, Handler, Named } from './operation.js';
import { audit, webhookOf, type OneWebhook, type Page } from './webhooks.js';

interface OneDelivery {
  params: { id: string; deliveryId: string };
}

/** @throws DomainError `NOT_FOUND`; `INVALID_FORM` for a text that is not a cursor of this list */
export const showDeliveries: Handler<
  OneWebhook & { query: Page & { state?: DeliveryState | undefined } }
> = async (deps, caller, { params, query: { limit, after, state } }) => {
  const { _id: endpointId } = await webhookOf(deps, caller, params.id);
  const before = cursorOrFault('after', after, timeAndId);
  const wish = { endpointId, state, before, limit: limit + 1 };
  const found = await findDeliveries(deps.models.webhookDeliveries, wish);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last ? cursorText({ at: last.at, id: last._id }) : null;
  return { body: { results: page.map(summaryOf), after: next } };
};

/** @throws DomainError `NOT_FOUND` */
export const showDelivery: Handler<OneDelivery> = async (deps, caller, input) => {
  const endpoint = await webhookOf(deps, caller, input.params.id);
  return answerOf(deps, endpoint, input.params.deliveryId);
};

/** @throws DomainError `NOT_FOUND` */
export const testWebhook: Handler<OneWebhook & Named> = async (deps, caller, { params, callId }) => {
  const endpoint = await webhookOf(deps, caller, params.id);
  const id = await queueTest(deps, endpoint._id, callId);
  await audit(deps, caller, endpoint, 'tested');
  return answerOf(deps, endpoint, id);
};

/** @throws DomainError `NOT_FOUND` */
export const redeliverByApi: Handler<OneDelivery & Named> = async (deps, caller, { params, callId }) => {
  const endpoint = await webhookOf(deps, caller, params.id);
  const which = { endpointId: endpoint._id, _id: params.deliveryId };
  await findDelivery(deps, which);
  await redeliver(deps, which, callId);
  await audit(deps, caller, endpoint, 'gets a delivery again');
  return answerOf(deps, endpoint, params.deliveryId);
};

async function answerOf(deps: Deps, endpoint: WebhookEndpoint, _id: string): Promise<Answer> {
  const delivery = await findDelivery(deps, { endpointId: endpoint._id, _id });
  const sent = await readBody(deps.models, delivery, endpoint);
  const body: unknown = sent && JSON.parse(sent.body);
  return { body: { ...summaryOf(delivery), lastAttempts: delivery.tries, body } };
}

function summaryOf(delivery: WebhookDelivery) {
  const { _id: id, type, state, at: queuedAt, dueAt, endedAt, attempts } = delivery;
  const nextAttemptAt = state === 'QUEUED' ? dueAt : null;
  return { id, webhookId: webhookIdOf(delivery), type, state, queuedAt, nextAttemptAt, endedAt, attempts };
}
