/** Declares the API of subscribers: the statuses of an address, their changes, and its history. */
import { z } from 'zod';
import { publicEvent } from '../../../domain/changes/public-event.js';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { actorKinds, legalBases, subscriptionStatuses } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { address, channel, queryNumber, time } from '../schemas.js';

const addressParams = z.strictObject({ address });
const channelQuery = z.strictObject({ channel: channel.default('EMAIL') });
const unitId = z
  .int()
  .min(0)
  .max(999_999_999)
  .nullish()
  .meta({ description: 'Absent: all business units of the key. Null: the whole account.' });
const typeId = z.int().min(0).max(999_999_999);

const decidedBy = {
  since: time.nullable(),
  by: z.enum(actorKinds).nullable(),
  isMachine: z.boolean(),
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().nullable(),
};
const subscription = z
  .strictObject({
    ...{ subscriptionTypeId: z.int(), name: z.string(), businessUnitId: z.int() },
    status: z.enum(subscriptionStatuses).meta({ description: 'With the opt-outs of all considered.' }),
    level: z.enum(['PORTAL_WIDE_STATUS', 'BRAND_WIDE_STATUS', 'SUBSCRIPTION_STATUS']),
    ...decidedBy,
  })
  .meta({ id: 'Subscription' });
const subscriber = z
  .strictObject({
    ...{ address: z.string(), channel, subscriptions: z.array(subscription) },
    optOutsOfAll: z.array(
      z.strictObject({
        businessUnitId: z.int().nullable().meta({ description: 'Null: the whole account.' }),
        ...decidedBy,
      }),
    ),
    undeliverable: z.strictObject({ reason: z.enum(['HARD_BOUNCE', 'COMPLAINT']), since: time }).nullable(),
  })
  .meta({ id: 'Subscriber' });

const evidence = {
  legalBasis: z.enum(legalBases).optional(),
  explanation: z.string().max(longestExplanation).optional().meta({
    description: 'How the person said so. It is recorded with the event, and shown in the history.',
  }),
};

const statusBody = z
  .strictObject({
    ...{ status: z.enum(subscriptionStatuses), ...evidence },
    consentedAt: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'When the person consented. After the contact’s own opt-out, an opt-in needs a consent that is more than five minutes later.',
    }),
  })
  .meta({ id: 'StatusChange' });
const optOutBody = z
  .strictObject({ channel: channel.default('EMAIL'), businessUnitId: unitId, ...evidence })
  .meta({ id: 'OptOutOfAll' });
const batchBody = z
  .strictObject({
    inputs: z
      .array(
        z.strictObject({
          ...{ address, channel: channel.default('EMAIL'), businessUnitId: unitId },
          subscriptionTypeId: typeId
            .optional()
            .meta({ description: 'Absent: out of all. Not together with a business unit.' }),
          ...evidence,
        }),
      )
      .min(1)
      .max(1000),
  })
  .meta({ id: 'OptOuts' });

const about = { tag: 'Subscribers' } as const;
const reads = { ...about, scopes: ['statuses.read'] } as const;
const writes = { ...about, scopes: ['statuses.write'] } as const;

export const subscriberOperations = [
  operation({
    ...{ ...reads, id: 'getSubscriber', method: 'GET', path: '/api/v1/subscribers/:address' },
    summary: 'Read the statuses of an address for all subscription types',
    description: 'An address of which nothing is known is answered in the same way.',
    params: addressParams,
    query: channelQuery,
    answers: { 200: subscriber },
    load: async () => (await import('../subscribers.js')).showSubscriber,
  }),
  operation({
    ...{ ...writes, id: 'changeSubscription', method: 'PUT' },
    path: '/api/v1/subscribers/:address/subscriptions/:typeId',
    summary: 'Change the status of an address for one subscription type',
    description:
      'Repeating it changes nothing. After the contact’s own opt-out, an opt-in without evidence of a later consent is refused with 409.',
    params: z.strictObject({ address, typeId: queryNumber }),
    body: statusBody,
    answers: {
      200: z.strictObject({ outcome: z.enum(['CHANGED', 'PENDING', 'NO_CHANGE']), subscription }),
    },
    faults: [409],
    isOptOut: ({ body }) => body.status === 'UNSUBSCRIBED',
    load: async () => (await import('../subscribers.js')).changeSubscription,
  }),
  operation({
    ...{ ...writes, id: 'optOutOfAll', method: 'POST', path: '/api/v1/subscribers/:address/opt-outs' },
    summary: 'Opt an address out of all of a business unit, or of the account',
    params: addressParams,
    body: optOutBody,
    answers: { 200: subscriber },
    isOptOut: () => true,
    load: async () => (await import('../subscribers.js')).optOutAddress,
  }),
  operation({
    ...{ ...reads, id: 'getHistory', method: 'GET', path: '/api/v1/subscribers/:address/history' },
    summary: 'Read every consent event of an address with its evidence, newest first',
    params: addressParams,
    query: channelQuery.extend({
      before: queryNumber.optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(
          publicEvent
            .extend({
              evidence: z
                .strictObject({
                  explanation: z.string().nullable(),
                  consentedAt: time.nullable().meta({ description: 'As the request said.' }),
                  language: z.string().nullable().meta({ description: 'Of the page.' }),
                  startedBy: z
                    .string()
                    .nullable()
                    .meta({ description: 'The user who copied the link, or started the job.' }),
                  wording: z.string().nullable().meta({ description: 'SHA-256 of the words on the page.' }),
                  hash: z.string(),
                  previous: z.string(),
                })
                .meta({ id: 'Evidence' }),
            })
            .meta({ id: 'HistoryEntry' }),
        ),
        before: z.int().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../subscribers.js')).showHistory,
  }),
  operation({
    ...{ ...writes, id: 'optOutMany', method: 'POST', path: '/api/v1/opt-outs/batch' },
    summary: 'Opt up to 1,000 addresses out',
    description: 'Repeating it changes nothing. The outcomes are in the order of the inputs.',
    body: batchBody,
    answers: {
      200: z.strictObject({
        results: z.array(
          z.strictObject({
            outcome: z.enum([
              ...(['CHANGED', 'NO_CHANGE', 'REFUSED', 'INVALID_ADDRESS'] as const),
              ...(['UNKNOWN_UNIT', 'UNKNOWN_TYPE'] as const),
            ]),
          }),
        ),
      }),
    },
    isOptOut: () => true,
    load: async () => (await import('../subscribers.js')).optOutMany,
  }),
];
