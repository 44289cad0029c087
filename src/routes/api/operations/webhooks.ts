/** Declares the API of webhooks. */
import { z } from 'zod';
import { cursorOrFault, timeAndId, type TimeAndId, pageIn } from '../../../cursor.js';
import { line, typeId, unitId, urlText } from '../../../domain/catalogue/fields.js';
import {
  changeWebhook,
  createEndpoint,
  deleteWebhook,
  replayFrom,
  rotateSecret,
  switchWebhook,
  webhooksWithin,
} from '../../../domain/webhooks/endpoints.js';
import { DomainError } from '../../../errors.js';
import { endpointStates, type WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import { allEventTypes } from '../../../vocabulary/event-types.js';
import { momentOf } from '../../../vocabulary/words.js';
import { operation } from '../operation.js';
import { id, idParams, pageOf, pageQuery, time, unitIds } from '../schemas.js';
import { audit, webhookOf, changed, settingsOf, oldSecretEnd, answerOf } from '../webhooks.js';

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

const about = { tag: 'Webhooks', scopes: ['webhooks'] } as const;
const path = '/api/v1/webhooks' as const;

export const webhookOperations = [
  operation({
    ...{ ...about, id: 'getWebhooks', method: 'GET', path },
    summary:
      'Read the webhook endpoints of the key’s business units in the order of creation, with the lag of each',
    query: pageQuery,
    answers: { 200: pageOf(webhook) },
    /** In the order of creation. @throws DomainError `INVALID_FORM` for a text that is not a cursor of this list */
    run: async (deps, { scope }, { query: { limit, after } }) => {
      const place = cursorOrFault('after', after, timeAndId);
      const order = (one: TimeAndId, other: TimeAndId) =>
        one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : Number(one.id > other.id));
      const placeOf = ({ createdAt, _id }: WebhookEndpoint) => ({ at: createdAt, id: _id });
      const found = (await webhooksWithin(deps, scope))
        .filter((one) => !place || order(placeOf(one), place) > 0)
        .sort((one, other) => order(placeOf(one), placeOf(other)));
      const { page, next } = pageIn(found, limit, placeOf);
      const results = await Promise.all(page.map((one) => answerOf(deps, one)));
      return { body: { results, after: next } };
    },
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
    /** A repeat with the same `Idempotency-Key` gives the endpoint that the first call made. @throws DomainError `INVALID_FORM` */
    run: async (deps, caller, { body, callId }) => {
      const units = caller.scope && [...caller.scope];
      const usual = { name: '', url: '', eventTypes: [], unitIds: units, typeIds: [] };
      const settings = await settingsOf(deps, caller, usual, body);
      const { id, secret, isNew } = await createEndpoint(deps, settings, caller.ref, callId);
      const endpoint = await webhookOf(deps, caller, id);
      if (isNew) await audit(deps, caller, endpoint, 'created');
      return { body: { ...(await answerOf(deps, endpoint)), secret } };
    },
  }),
  operation({
    ...{ ...about, id: 'getWebhook', method: 'GET', path: `${path}/:id` },
    summary: 'Read one endpoint',
    params: idParams,
    answers: { 200: webhook },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params }) => ({
      body: await answerOf(deps, await webhookOf(deps, caller, params.id)),
    }),
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
    /** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` for another version than the given one */
    run: async (deps, caller, { params, body: { version, ...given } }) => {
      const { after } = await changed(deps, caller, params.id, async (endpoint) => {
        if (version !== undefined && version !== endpoint.version)
          throw new DomainError('CONFLICT', 'The endpoint was changed meanwhile.');
        return changeWebhook(deps, endpoint, await settingsOf(deps, caller, endpoint, given));
      });
      await audit(deps, caller, after, 'changed');
      return { body: await answerOf(deps, after) };
    },
  }),
  operation({
    ...{ ...about, id: 'setWebhookState', method: 'PUT', path: `${path}/:id/state` },
    summary: 'Pause an endpoint, or let it go on with what has waited',
    description: 'ACTIVE also turns an endpoint on again that answered 410.',
    params: idParams,
    body: z.strictObject({ state: z.enum(['ACTIVE', 'PAUSED']) }).meta({ id: 'WebhookState' }),
    answers: { 200: webhook },
    faults: [409],
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params, body: { state } }) => {
      const { before, after } = await changed(deps, caller, params.id, async (endpoint) =>
        endpoint.state === state ? 'SAVED' : switchWebhook(deps, endpoint, state),
      );
      if (before.state !== state) await audit(deps, caller, after, state === 'PAUSED' ? 'paused' : 'resumed');
      return { body: await answerOf(deps, after) };
    },
  }),
  operation({
    ...{ ...about, id: 'rotateWebhookSecret', method: 'POST', path: `${path}/:id/secrets` },
    summary: 'Make a new secret; the old one signs too for 24 hours',
    params: idParams,
    answers: { 201: z.strictObject({ secret, oldSecretEndsAt: time }) },
    faults: [409],
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params, callId }) => {
      let secret: string | null = null;
      const { after } = await changed(deps, caller, params.id, async (endpoint) => {
        secret = await rotateSecret(deps, endpoint, callId);
        return secret === null ? 'STALE' : 'SAVED';
      });
      await audit(deps, caller, after, 'has a new secret');
      return { body: { secret, oldSecretEndsAt: oldSecretEnd(deps, after) } };
    },
  }),
  operation({
    ...{ ...about, id: 'deleteWebhook', method: 'DELETE', path: `${path}/:id` },
    summary: 'Delete an endpoint and its deliveries',
    params: idParams,
    answers: { 204: null },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, { params }) => {
      const endpoint = await webhookOf(deps, caller, params.id);
      await deleteWebhook(deps, endpoint._id);
      await audit(deps, caller, endpoint, 'deleted');
      return {};
    },
  }),
  operation({
    ...{ ...about, id: 'replayWebhook', method: 'POST', path: `${path}/:id/replays` },
    summary: 'Send all events from a time on again, in order and with their first ids',
    params: idParams,
    body: z.strictObject({ from: z.iso.datetime({ offset: true }) }).meta({ id: 'Replay' }),
    answers: { 202: webhook },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `INVALID_FORM` for a time in the future */
    run: async (deps, caller, { params, body, callId }) => {
      const from = new Date(body.from);
      if (from > deps.clock()) throw new DomainError('INVALID_FORM', 'body.from is in the future.');
      const { after } = await changed(deps, caller, params.id, (endpoint) =>
        replayFrom(deps, endpoint, from, callId),
      );
      await audit(deps, caller, after, `repeats its events from ${momentOf(from, 'UTC')} UTC`);
      return { body: await answerOf(deps, after) };
    },
  }),
];
