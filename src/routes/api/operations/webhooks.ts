/** Declares the API of webhooks. */
import { z } from 'zod';
import { line, typeId, unitId, urlText } from '../../../domain/catalogue/fields.js';
import { deliveryStates } from '../../../models/webhook-delivery.js';
import { endpointStates } from '../../../models/webhook-endpoint.js';
import { allEventTypes } from '../../../vocabulary/event-types.js';
import { operation } from '../operation.js';
import { event, id, idParams, pageOf, pageQuery, time, unitIds } from '../schemas.js';

const settings = {
  name: line(60),
  url: urlText,
  eventTypes: z.array(z.enum(allEventTypes)).max(100).meta({ description: 'Empty: all.' }),
  businessUnitIds: z
    .array(unitId)
    .min(1)
    .max(1000)
    .nullable()
    .meta({ description: 'Null: all, for keys that reach all. Absent in a new one: those of the key.' }),
  subscriptionTypeIds: z.array(typeId).max(1000).meta({
    description:
      'Empty: all. Events without a subscription type, such as an opt-out of all, are always sent.',
  }),
};

const webhook = z
  .strictObject({
    ...{ id, name: z.string(), url: z.string(), eventTypes: z.array(z.enum(allEventTypes)) },
    ...{ businessUnitIds: unitIds, subscriptionTypeIds: z.array(z.int()), state: z.enum(endpointStates) },
    failingSince: time.nullable().meta({ description: 'A delivery was given up, and none succeeded since.' }),
    restUntil: time
      .nullable()
      .meta({ description: 'Until then nothing is sent: the receiver is overloaded.' }),
    lastSuccessAt: time.nullable(),
    oldSecretEndsAt: time.nullable().meta({ description: 'Until then an old secret signs too.' }),
    lag: z.strictObject({
      waiting: z.int().meta({ description: 'Deliveries that wait, counted up to 1,000.' }),
      givenUp: z.int().meta({ description: 'Of the last 30 days, counted up to 1,000.' }),
      hasUnread: z.boolean().meta({ description: 'There are events that were not queued for it yet.' }),
      since: time.nullable().meta({ description: 'When the oldest of them happened. Null: up to date.' }),
    }),
    ...{ version: z.int(), createdAt: time },
  })
  .meta({ id: 'Webhook' });

const secret = z.string().meta({ description: 'It signs the calls, and is not shown again.' });

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

export const webhookOperations = [
  operation({
    ...{ ...about, id: 'getWebhooks', method: 'GET', path },
    summary:
      'Read the webhook endpoints of the key’s business units in the order of creation, with the lag of each',
    query: pageQuery,
    answers: { 200: pageOf(webhook) },
    load: async () => (await import('../webhooks.js')).showWebhooks,
  }),
  operation({
    ...{ ...about, id: 'createWebhook', method: 'POST', path },
    summary: 'Create an endpoint that gets what happens from now on',
    body: z
      .strictObject({
        ...settings,
        eventTypes: settings.eventTypes.default([]),
        businessUnitIds: settings.businessUnitIds.optional(),
        subscriptionTypeIds: settings.subscriptionTypeIds.default([]),
      })
      .meta({ id: 'NewWebhook' }),
    answers: { 201: webhook.extend({ secret }).meta({ id: 'CreatedWebhook' }) },
    load: async () => (await import('../webhooks.js')).createWebhookByApi,
  }),
  operation({
    ...{ ...about, id: 'getWebhook', method: 'GET', path: `${path}/:id` },
    summary: 'Read one endpoint',
    params: idParams,
    answers: { 200: webhook },
    load: async () => (await import('../webhooks.js')).showWebhook,
  }),
  operation({
    ...{ ...about, id: 'updateWebhook', method: 'PATCH', path: `${path}/:id` },
    summary: 'Change the given fields of an endpoint',
    description: 'It applies to events that are queued from then on. A new URL also gets what waits.',
    params: idParams,
    body: z
      .strictObject(settings)
      .partial()
      .extend({
        version: z
          .int()
          .optional()
          .meta({ description: 'With it, an endpoint that somebody else has changed is refused with 409.' }),
      })
      .meta({ id: 'WebhookChange' }),
    answers: { 200: webhook },
    faults: [409],
    load: async () => (await import('../webhooks.js')).updateWebhookByApi,
  }),
  operation({
    ...{ ...about, id: 'setWebhookState', method: 'PUT', path: `${path}/:id/state` },
    summary: 'Pause an endpoint, or let it go on with what has waited',
    description: 'ACTIVE also turns an endpoint on again that answered 410.',
    params: idParams,
    body: z.strictObject({ state: z.enum(['ACTIVE', 'PAUSED']) }).meta({ id: 'WebhookState' }),
    answers: { 200: webhook },
    faults: [409],
    load: async () => (await import('../webhooks.js')).setWebhookState,
  }),
  operation({
    ...{ ...about, id: 'rotateWebhookSecret', method: 'POST', path: `${path}/:id/secrets` },
    summary: 'Make a new secret; the old one signs too for 24 hours',
    params: idParams,
    answers: { 201: z.strictObject({ secret, oldSecretEndsAt: time }) },
    faults: [409],
    load: async () => (await import('../webhooks.js')).rotateWebhookSecret,
  }),
  operation({
    ...{ ...about, id: 'deleteWebhook', method: 'DELETE', path: `${path}/:id` },
    summary: 'Delete an endpoint and its deliveries',
    params: idParams,
    answers: { 204: null },
    load: async () => (await import('../webhooks.js')).deleteWebhookByApi,
  }),
  operation({
    ...{ ...about, id: 'testWebhook', method: 'POST', path: `${path}/:id/tests` },
    summary: 'Send an event of the type webhook.test, without data',
    params: idParams,
    answers: { 202: delivery },
    load: async () => (await import('../webhook-deliveries.js')).testWebhook,
  }),
  operation({
    ...{ ...about, id: 'replayWebhook', method: 'POST', path: `${path}/:id/replays` },
    summary: 'Send all events from a time on again, in order and with their first ids',
    params: idParams,
    body: z.strictObject({ from: z.iso.datetime({ offset: true }) }).meta({ id: 'Replay' }),
    answers: { 202: webhook },
    faults: [409],
    load: async () => (await import('../webhooks.js')).replayWebhook,
  }),
  operation({
    ...{ ...about, id: 'getWebhookDeliveries', method: 'GET', path: `${path}/:id/deliveries` },
    summary: 'Read the deliveries of an endpoint, newest first',
    description: 'A delivery is kept for 30 days after its end.',
    params: idParams,
    query: pageQuery.extend({ state: z.enum(deliveryStates).optional() }),
    answers: { 200: pageOf(z.strictObject(deliveryFields).meta({ id: 'DeliverySummary' })) },
    load: async () => (await import('../webhook-deliveries.js')).showDeliveries,
  }),
  operation({
    ...{ ...about, id: 'getWebhookDelivery', method: 'GET', path: `${path}/:id/deliveries/:deliveryId` },
    summary: 'Read one delivery with its body and its last attempts',
    params: deliveryParams,
    answers: { 200: delivery },
    load: async () => (await import('../webhook-deliveries.js')).showDelivery,
  }),
  operation({
    ...{ ...about, id: 'redeliver', method: 'POST' },
    path: `${path}/:id/deliveries/:deliveryId/redeliveries`,
    summary: 'Send a delivery again that has ended, with its first id',
    description: 'A delivery that still waits is sent at its time.',
    params: deliveryParams,
    answers: { 202: delivery },
    load: async () => (await import('../webhook-deliveries.js')).redeliverByApi,
  }),
];
