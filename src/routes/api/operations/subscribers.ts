/** Declares the API of subscribers: the statuses of an address, their changes, and its history. */
import { z } from 'zod';
import { publicEvent, publicEventsOf } from '../../../domain/changes/public-event.js';
import { requireType } from '../../../domain/consent/catalogue.js';
import { refusalOf, type ConsentResult } from '../../../domain/consent/change.js';
import { reading } from '../../../domain/consent/durability.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { DomainError } from '../../../errors.js';
import { actorKinds, legalBases, subscriptionStatuses, type Wish } from '../../../vocabulary/terms.js';
import { actorOf, changeAll, evidencedActor, wishKinds } from '../hubspot/change-statuses.js';
import { catalogueOf } from '../hubspot/subscribers.js';
import { operation } from '../operation.js';
import { address, channel, queryNumber, time } from '../schemas.js';
import {
  perPage,
  readPage,
  knownAddress,
  headOf,
  changeOne,
  circumstancesOf,
  wishesFor,
  refused,
  subscriberAnswer,
  subscriptionAnswer,
} from '../subscribers.js';

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
    run: async (deps, caller, { params, query: { channel } }) => {
      const catalogue = await catalogueOf(deps, caller);
      const known = knownAddress(deps, channel, params.address, catalogue);
      return { body: subscriberAnswer(known, await headOf(deps, known), catalogue) };
    },
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
    /** @throws DomainError `NOT_FOUND` for an unknown type, `INVALID_FORM` without the reasons that the rules ask for, `CONFLICT` if they refuse it */
    run: async (deps, caller, { params, body: { status, consentedAt, ...evidence } }) => {
      const catalogue = await catalogueOf(deps, caller);
      const type = requireType(catalogue, params.typeId);
      const known = knownAddress(deps, type.channel, params.address, catalogue);
      const wish: Wish = { kind: wishKinds[status], typeId: type.id };
      const circumstances = circumstancesOf(evidence);
      const actor = evidencedActor(deps, actorOf(caller, 4), consentedAt);
      const result = await changeOne(deps, { ...known, actor, wishes: [wish], circumstances });
      const code = refusalOf(result);
      if (code) throw refused(code);
      const outcome = result.outcomes[0]?.result ?? 'NO_CHANGE';
      return { body: { outcome, subscription: subscriptionAnswer(result.subscriber, type) } };
    },
  }),
  operation({
    ...{ ...writes, id: 'optOutOfAll', method: 'POST', path: '/api/v1/subscribers/:address/opt-outs' },
    summary: 'Opt an address out of all of a business unit, or of the account',
    params: addressParams,
    body: optOutBody,
    answers: { 200: subscriber },
    isOptOut: () => true,
    /** @throws DomainError `NOT_FOUND` for a unit that the key does not reach, and for the account if the key reaches only some units */
    run: async (deps, caller, { params, body: { channel, businessUnitId, ...evidence } }) => {
      const catalogue = await catalogueOf(deps, caller);
      const known = knownAddress(deps, channel, params.address, catalogue);
      const wishes = wishesFor(caller, catalogue, businessUnitId);
      if (!wishes) throw new DomainError('NOT_FOUND', 'This business unit does not exist.');
      const circumstances = circumstancesOf(evidence);
      const result = await changeOne(deps, { ...known, actor: actorOf(caller, 4), wishes, circumstances });
      const code = refusalOf(result);
      if (code) throw refused(code);
      return { body: subscriberAnswer(known, result.subscriber, catalogue) };
    },
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
    /** Events of the key's units and of the whole account. */
    run: async (deps, caller, { params, query: { channel, before = Infinity } }) => {
      const catalogue = await catalogueOf(deps, caller);
      const head = await headOf(deps, knownAddress(deps, channel, params.address, catalogue));
      const unitIds = [...catalogue.units.keys()];
      const seen = head
        ? await reading(() => readPage(deps, head._id, { before, unitIds, most: perPage + 1 }))
        : [];
      const page = seen.slice(0, perPage);
      const events = await publicEventsOf(
        deps.models,
        page.map((event) => ({
          ...{ kind: 'CONSENT', subscriberId: head?._id ?? '', contactId: head?.contactId ?? null, event },
          // The same id as in the list of changes.
          ...{ key: `subscriber:${head?._id}:${event.seq}`, _id: '', publishedAt: event.at },
        })),
        caller.scope,
      );
      const results = page.map(({ detail, actor, consentedAt, locale, wording, hash, previous }, at) => ({
        ...events[at],
        evidence: {
          ...{ explanation: detail?.explanation ?? null, consentedAt: consentedAt ?? null },
          ...{
            language: locale ?? null,
            startedBy: actor.by ?? null,
            wording: wording ?? null,
            hash,
            previous,
          },
        },
      }));
      return { body: { results, before: seen.length > perPage ? (page.at(-1)?.seq ?? null) : null } };
    },
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
    /** Opts many addresses out, each of all or of one type. @returns an outcome for each, in their order */
    run: async (deps, caller, { body: { inputs } }) => {
      const catalogue = await catalogueOf(deps, caller);
      const drafts = inputs.map(
        ({ address: text, channel, businessUnitId, subscriptionTypeId, ...evidence }) => {
          const type = subscriptionTypeId === undefined ? null : catalogue.types.get(subscriptionTypeId);
          const isOfBoth = type !== null && businessUnitId !== undefined;
          if (type === undefined || isOfBoth || (type && type.channel !== channel)) return 'UNKNOWN_TYPE';
          const wishes: Wish[] | null = type
            ? [{ kind: 'OPT_OUT', typeId: type.id }]
            : wishesFor(caller, catalogue, businessUnitId);
          if (!wishes) return 'UNKNOWN_UNIT';
          const address = addressOrNull(channel, text, catalogue);
          if (address === null) return 'INVALID_ADDRESS';
          const subscriberId = deps.subscriberIds(channel, address);
          const circumstances = circumstancesOf(evidence);
          return { text, channel, address, subscriberId, wishes, circumstances, actor: actorOf(caller, 4) };
        },
      );
      const acts = drafts.flatMap((draft) => (typeof draft === 'string' ? [] : [draft]));
      const results = await changeAll(deps, acts);
      const outcomeOf = (result: ConsentResult | undefined) => {
        if (!result || refusalOf(result)) return 'REFUSED';
        return result.events.length > 0 ? 'CHANGED' : 'NO_CHANGE';
      };
      return {
        body: {
          results: drafts.map((draft) => ({
            outcome: typeof draft === 'string' ? draft : outcomeOf(results.get(draft)),
          })),
        },
      };
    },
  }),
];
