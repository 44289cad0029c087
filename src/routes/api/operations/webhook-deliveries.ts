/** Declares the API of the deliveries of a webhook: what was sent, how the receiver answered, tests and redelivery. */
import { z } from 'zod';
import { cursorOrFault, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { readBody, webhookIdOf } from '../../../domain/webhooks/body.js';
import { findDelivery, queueTest, redeliver } from '../../../domain/webhooks/endpoints.js';
import { deliveryStates, findDeliveries, type WebhookDelivery } from '../../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import { allEventTypes } from '../../../vocabulary/event-types.js';
import { operation, type Answer } from '../operation.js';
import { event, id, idParams, pageOf, pageQuery, time } from '../schemas.js';
import { audit, webhookOf } from '../webhooks.js';

const deliveryFields = {
  id,
  webhookId: z
    .string()
    .meta({ description: 'The header webhook-id: the same in each delivery of the event.' }),
  type: z.enum([...allEventTypes, 'webhook.test']),
  state: z.enum(deliveryStates),
  queuedAt: time,
  nextAttemptAt: time.nullable(),
  endedAt: time.nullable(),
  attempts: z.int().meta({
    description:
      'How often it was tried again, including a planned retry. 0 if the first attempt succeeded or has not been made yet.',
  }),
};
const attempt = z.strictObject({
  at: time,
  ms: z.int(),
  status: z.int().nullable().meta({ description: 'Null: there was no answer.' }),
  text: z.string().meta({ description: 'The beginning of the answer, or why there was none.' }),
});
const testEvent = z.strictObject({
  ...{ id: z.string(), type: z.literal('webhook.test'), timestamp: time, data: z.strictObject({}) },
});
const delivery = z
  .strictObject({
    ...deliveryFields,
    lastAttempts: z.array(attempt),
    body: event
      .or(testEvent)
      .nullable()
      .meta({ description: 'As it would be sent now. Null: the event is not in the feed.' }),
  })
  .meta({ id: 'Delivery' });

const deliveryParams = z.strictObject({ id, deliveryId: id });
const about = { tag: 'Webhooks', scopes: ['webhooks'] } as const;
const path = '/api/v1/webhooks' as const;

export const webhookDeliveryOperations = [
  operation({
    ...{ ...about, id: 'testWebhook', method: 'POST', path: `${path}/:id/tests` },
    summary: 'Send an event of the type webhook.test, without data',
    params: idParams,
    answers: { 202: delivery },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params, callId }) => {
      const endpoint = await webhookOf(deps, caller, params.id);
      const id = await queueTest(deps, endpoint._id, callId);
      await audit(deps, caller, endpoint, 'tested');
      return answerOf(deps, endpoint, id);
    },
  }),
  operation({
    ...{ ...about, id: 'getWebhookDeliveries', method: 'GET', path: `${path}/:id/deliveries` },
    summary: 'Read the deliveries of an endpoint, newest first',
    description: 'A delivery is kept for 30 days after its end.',
    params: idParams,
    query: pageQuery.extend({ state: z.enum(deliveryStates).optional() }),
    answers: { 200: pageOf(z.strictObject(deliveryFields).meta({ id: 'DeliverySummary' })) },
    /** @throws DomainError `NOT_FOUND`; `INVALID_FORM` for a text that is not a cursor of this list */
    run: async (deps, caller, { params, query: { limit, after, state } }) => {
      const { _id: endpointId } = await webhookOf(deps, caller, params.id);
      const before = cursorOrFault('after', after, timeAndId);
      const wish = { endpointId, state, before, limit: limit + 1 };
      const found = await findDeliveries(deps.models.webhookDeliveries, wish);
      const { page, next } = pageIn(found, limit, placeInTime);
      return { body: { results: page.map(summaryOf), after: next } };
    },
  }),
  operation({
    ...{ ...about, id: 'getWebhookDelivery', method: 'GET', path: `${path}/:id/deliveries/:deliveryId` },
    summary: 'Read one delivery with its body and its last attempts',
    params: deliveryParams,
    answers: { 200: delivery },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, input) => {
      const endpoint = await webhookOf(deps, caller, input.params.id);
      return answerOf(deps, endpoint, input.params.deliveryId);
    },
  }),
  operation({
    ...{ ...about, id: 'redeliver', method: 'POST' },
    path: `${path}/:id/deliveries/:deliveryId/redeliveries`,
    summary: 'Send a delivery again that has ended, with its first id',
    description: 'A delivery that still waits is sent at its time.',
    params: deliveryParams,
    answers: { 202: delivery },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params, callId }) => {
      const endpoint = await webhookOf(deps, caller, params.id);
      const which = { endpointId: endpoint._id, _id: params.deliveryId };
      await findDelivery(deps, which);
      await redeliver(deps, which, callId);
      await audit(deps, caller, endpoint, 'gets a delivery again');
      return answerOf(deps, endpoint, params.deliveryId);
    },
  }),
];

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
