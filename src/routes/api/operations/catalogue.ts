/** Declares the API of what staff set up and follow: subscription types, business units and jobs. */
import { z } from 'zod';
import { oneLine } from '../../../clean-text.js';
import { unitFields } from '../../../domain/catalogue/fields.js';
import { jobStates } from '../../../models/job.js';
import { locales } from '../../../vocabulary/locales.js';
import { typePurposes } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { channel, idParams, queryNumber, time } from '../schemas.js';

const unit = z
  .strictObject({
    ...{ id: z.int(), name: z.string(), accent: z.string(), senderName: z.string() },
    ...{ senderAddress: z.string(), postalAddress: z.string(), privacyPolicyUrl: z.string() },
    ...{ defaultLanguage: z.string(), hasDoubleOptIn: z.boolean() },
  })
  .meta({ id: 'BusinessUnit' });
const { name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl } = unitFields.shape;
const newUnit = z.strictObject({
  ...{ name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl },
  ...{ defaultLanguage: z.enum(locales).optional(), hasDoubleOptIn: z.boolean().optional() },
});
const type = z
  .strictObject({
    ...{ id: z.int(), businessUnitId: z.int(), channel, name: z.string(), description: z.string() },
    purpose: z.enum(typePurposes),
    ...{ isActive: z.boolean(), isInternal: z.boolean(), isDefault: z.boolean() },
  })
  .meta({ id: 'SubscriptionType' });
const numberParams = z.strictObject({ id: queryNumber });
const text = (most: number) => z.string().overwrite(oneLine).min(1).max(most);
const count = z.int().min(0);
const job = z
  .strictObject({
    ...{ id: z.string(), kind: z.string(), state: z.enum(jobStates), done: count, total: count.nullable() },
    counts: z.strictObject({ changed: count, unchanged: count, refused: count }),
    ...{ createdAt: time, startedAt: time.nullable() },
  })
  .meta({ id: 'Job' });
const listOf = <T extends z.ZodType>(item: T) => ({ 200: z.strictObject({ results: z.array(item) }) });

const types = { tag: 'Subscription types', scopes: ['statuses.read'] } as const;
const settings = { tag: 'Subscription types', scopes: ['settings.write'] } as const;
const units = { tag: 'Business units', scopes: ['statuses.read'] } as const;
const jobs = { tag: 'Jobs', scopes: ['contacts.read'] } as const;

export const catalogueOperations = [
  operation({
    ...{ ...types, id: 'getSubscriptionTypes', method: 'GET', path: '/api/v1/subscription-types' },
    summary: 'Read the subscription types of the key’s business units',
    answers: listOf(type),
    load: async () => (await import('../catalogue.js')).showTypes,
  }),
  operation({
    ...{ ...types, id: 'getSubscriptionType', method: 'GET', path: '/api/v1/subscription-types/:id' },
    summary: 'Read one subscription type',
    params: numberParams,
    answers: { 200: type },
    load: async () => (await import('../catalogue.js')).showType,
  }),
  operation({
    ...{ ...settings, id: 'createSubscriptionType', method: 'POST', path: '/api/v1/subscription-types' },
    summary: 'Create a subscription type, as the last of its business unit',
    body: z
      .strictObject({
        businessUnitId: z.int(),
        ...{ name: text(80), description: text(300), channel: channel.optional() },
        purpose: z.enum(typePurposes).optional().meta({ description: 'Absent: MARKETING.' }),
        ...{ isInternal: z.boolean().optional(), isDefault: z.boolean().optional() },
      })
      .meta({ id: 'NewSubscriptionType' }),
    answers: { 201: type },
    faults: [404],
    load: async () => (await import('../types.js')).createType,
  }),
  operation({
    ...{ ...settings, id: 'changeSubscriptionType', method: 'PATCH' },
    path: '/api/v1/subscription-types/:id',
    summary: 'Change, archive or restore a subscription type',
    description: 'Business unit, channel and purpose of a type are not changed by the API.',
    params: numberParams,
    body: z
      .strictObject({
        ...{ name: text(80).optional(), description: text(300).optional() },
        ...{ isInternal: z.boolean().optional(), isDefault: z.boolean().optional() },
        isActive: z.boolean().optional().meta({ description: 'false archives the type.' }),
      })
      .meta({ id: 'SubscriptionTypeChanges' }),
    answers: { 200: type },
    faults: [409],
    load: async () => (await import('../types.js')).changeTypeByApi,
  }),
  operation({
    ...{ ...units, id: 'getBusinessUnits', method: 'GET', path: '/api/v1/business-units' },
    summary: 'Read the key’s business units',
    answers: listOf(unit),
    load: async () => (await import('../catalogue.js')).showUnits,
  }),
  operation({
    ...{ ...units, id: 'getBusinessUnit', method: 'GET', path: '/api/v1/business-units/:id' },
    summary: 'Read one business unit',
    params: numberParams,
    answers: { 200: unit },
    load: async () => (await import('../catalogue.js')).showUnit,
  }),
  operation({
    ...{ ...units, id: 'createBusinessUnit', method: 'POST', path: '/api/v1/business-units' },
    scopes: ['settings.write'],
    summary: 'Create a business unit',
    description: 'The key must reach all business units.',
    body: newUnit.meta({ id: 'NewBusinessUnit' }),
    answers: { 201: unit },
    load: async () => (await import('../units.js')).createUnitByApi,
  }),
  operation({
    ...{ ...units, id: 'changeBusinessUnit', method: 'PATCH', path: '/api/v1/business-units/:id' },
    scopes: ['settings.write'],
    summary: 'Change the given fields of a business unit',
    description: 'Logo and translations are changed on the staff pages.',
    params: numberParams,
    body: newUnit.partial().meta({ id: 'BusinessUnitChanges' }),
    answers: { 200: unit },
    faults: [409],
    load: async () => (await import('../units.js')).changeUnitByApi,
  }),
  operation({
    ...{ ...jobs, id: 'getJobs', method: 'GET', path: '/api/v1/jobs' },
    summary: 'Read the jobs of the key’s business units, newest first',
    query: z.strictObject({
      state: z.enum(jobStates).optional(),
      before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(job),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../catalogue.js')).showJobs,
  }),
  operation({
    ...{ ...jobs, id: 'getJob', method: 'GET', path: '/api/v1/jobs/:id' },
    summary: 'Read the state and the counts of a job',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../catalogue.js')).showJob,
  }),
  operation({
    ...{ ...jobs, id: 'cancelJob', method: 'POST', path: '/api/v1/jobs/:id/cancellations' },
    scopes: ['contacts.write', 'statuses.write'],
    summary: 'Cancel a job',
    description: 'What it has done stays done. Repeating it changes nothing.',
    params: idParams,
    answers: { 200: job },
    load: async () => (await import('../catalogue.js')).cancelJobByApi,
  }),
];
