/** Declares the API of what staff set up: subscription types and business units. */
import { z } from 'zod';
import { oneLine } from '../../../clean-text.js';
import { typeFields, unitFields } from '../../../domain/catalogue/fields.js';
import { locales } from '../../../vocabulary/locales.js';
import { typePurposes } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { channel, queryNumber } from '../schemas.js';

const text = (most: number) => z.string().overwrite(oneLine).min(1).max(most);
const byLanguage = { description: 'By language. A change replaces all of them.' };
const unitWords = unitFields.shape.translations.unwrap().meta(byLanguage);
const typeWords = typeFields.shape.translations.unwrap().meta(byLanguage);
const unit = z
  .strictObject({
    ...{ id: z.int(), name: z.string(), accent: z.string(), senderName: z.string() },
    ...{ senderAddress: z.string(), postalAddress: z.string(), privacyPolicyUrl: z.string() },
    ...{ defaultLanguage: z.string(), hasDoubleOptIn: z.boolean(), translations: unitWords },
    hasLogo: z.boolean(),
  })
  .meta({ id: 'BusinessUnit' });
const { name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl } = unitFields.shape;
const newUnit = z.strictObject({
  ...{ name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl },
  ...{ defaultLanguage: z.enum(locales).optional(), hasDoubleOptIn: z.boolean().optional() },
  translations: unitWords.optional(),
});
const type = z
  .strictObject({
    ...{ id: z.int(), businessUnitId: z.int(), channel, name: z.string(), description: z.string() },
    purpose: z.enum(typePurposes),
    ...{ isActive: z.boolean(), isInternal: z.boolean(), isDefault: z.boolean() },
    ...{ communicationMethod: z.string(), translations: typeWords },
  })
  .meta({ id: 'SubscriptionType' });
const numberParams = z.strictObject({ id: queryNumber });
const listOf = <T extends z.ZodType>(item: T) => ({ 200: z.strictObject({ results: z.array(item) }) });

const types = { tag: 'Subscription types', scopes: ['statuses.read'] } as const;
const settings = { tag: 'Subscription types', scopes: ['settings.write'] } as const;
const units = { tag: 'Business units', scopes: ['statuses.read'] } as const;

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
        ...{ communicationMethod: z.string().max(80).optional(), translations: typeWords.optional() },
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
    description: 'The business unit and the channel of a type never change.',
    params: numberParams,
    body: z
      .strictObject({
        ...{ name: text(80).optional(), description: text(300).optional() },
        ...{ isInternal: z.boolean().optional(), isDefault: z.boolean().optional() },
        ...{ communicationMethod: z.string().max(80).optional(), translations: typeWords.optional() },
        isActive: z.boolean().optional().meta({ description: 'false archives the type.' }),
        purpose: z.enum(typePurposes).optional().meta({
          description: 'No opt-out stops transactional messages, such as receipts.',
        }),
        confirmedPurpose: z.literal('TRANSACTIONAL').optional().meta({
          description:
            'Needed to make a marketing type transactional. Without it, the call is refused with 409, which says how many addresses may then be sent the type.',
        }),
      })
      .meta({ id: 'SubscriptionTypeChanges' }),
    answers: { 200: type },
    faults: [409],
    load: async () => (await import('../types.js')).changeTypeByApi,
  }),
  operation({
    ...{ ...settings, id: 'moveSubscriptionType', method: 'POST' },
    path: '/api/v1/subscription-types/:id/moves',
    summary: 'Move a type one place up or down in its business unit',
    description:
      'Contacts read the types in this order. The answer has the types of the unit in their new order.',
    params: numberParams,
    body: z.strictObject({ direction: z.enum(['UP', 'DOWN']) }).meta({ id: 'SubscriptionTypeMove' }),
    answers: listOf(type),
    load: async () => (await import('../types.js')).moveTypeByApi,
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
    params: numberParams,
    body: newUnit.partial().meta({ id: 'BusinessUnitChanges' }),
    answers: { 200: unit },
    faults: [409],
    load: async () => (await import('../units.js')).changeUnitByApi,
  }),
  operation({
    ...{ ...units, id: 'setLogo', method: 'PUT', path: '/api/v1/business-units/:id/logo' },
    scopes: ['settings.write'],
    summary: 'Set the logo of a business unit',
    description: 'SVG, PNG or WebP, at most 64 kB.',
    params: numberParams,
    upload: { types: ['image/svg+xml', 'image/png', 'image/webp'] },
    answers: { 200: unit },
    faults: [409],
    load: async () => (await import('../units.js')).setLogoByApi,
  }),
  operation({
    ...{ ...units, id: 'removeLogo', method: 'DELETE', path: '/api/v1/business-units/:id/logo' },
    scopes: ['settings.write'],
    summary: 'Remove the logo of a business unit',
    params: numberParams,
    answers: { 200: unit },
    faults: [409],
    load: async () => (await import('../units.js')).removeLogoByApi,
  }),
];
