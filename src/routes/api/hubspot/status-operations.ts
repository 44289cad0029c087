/** Declares HubSpot's communication preferences and business units, under each of HubSpot's prefixes. */
import { z } from 'zod';
import { channels } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { queryNumber } from '../schemas.js';
import {
  addresses,
  answers,
  changes,
  linkWish,
  partialChange,
  v3Change,
  v3Definitions,
  v3Status,
  v3Statuses,
} from './status-shapes.js';
import { showBusinessUnits, showDefinitions, showV3Definitions } from './definitions.js';
import { showV3Statuses, v3Changing } from './v3.js';
import {
  changeManyStatuses,
  changeStatus,
  generateLinks,
  showManyOptOutsOfAll,
  showManyStatuses,
  showOptOutsOfAll,
  showStatuses,
  unsubscribeAll,
  unsubscribeAllOfMany,
} from './v4.js';

const tag = 'HubSpot: communication preferences';
const read = ['communication_preferences.read'] as const;
const write = ['communication_preferences.write'] as const;
const readBatch = ['communication_preferences.statuses.batch.read'] as const;
const writeBatch = ['communication_preferences.statuses.batch.write'] as const;

/** A query parameter may be repeated. */
export const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((one) => [one].flat())
  .optional()
  .meta({ type: 'array', items: { type: 'string' } });
export const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional()
  .meta({ type: 'boolean' });
const unit = { businessUnitId: queryNumber.optional() };
const channelAndUnit = z.object({ channel: z.enum(channels), ...unit });
const withVerbose = channelAndUnit.extend({ verbose: flag });
const subscriber = z.object({ subscriberIdString: z.string().min(1).max(400) });
const email = z.object({ emailAddress: z.string().min(1).max(400) });

/** v3: one address, one change at a time. The dates have `resubscribe` as well. */
const v3 = (name: string, prefix: string) => [
  operation({
    ...{ id: `${name}GetEmailStatus`, method: 'GET', path: `${prefix}/status/email/:emailAddress`, tag },
    ...{ scopes: read, summary: 'Read the statuses of an e-mail address' },
    ...{ params: email, answers: { 200: v3Statuses } },
    run: showV3Statuses,
  }),
  operation({
    ...{ id: `${name}Subscribe`, method: 'POST', path: `${prefix}/subscribe`, tag, scopes: write },
    ...{ summary: 'Subscribe an e-mail address', body: v3Change, answers: { 200: v3Status }, faults: [404] },
    run: v3Changing('SUBSCRIBED'),
  }),
  operation({
    ...{ id: `${name}Unsubscribe`, method: 'POST', path: `${prefix}/unsubscribe`, tag, scopes: write },
    ...{
      summary: 'Unsubscribe an e-mail address',
      body: v3Change,
      answers: { 200: v3Status },
      faults: [404],
    },
    isOptOut: () => true,
    run: v3Changing('UNSUBSCRIBED'),
  }),
];

const resubscribe = (name: string, prefix: string) =>
  operation({
    ...{ id: `${name}Resubscribe`, method: 'POST', path: `${prefix}/resubscribe`, tag, scopes: write },
    summary: 'Subscribe an e-mail address that was opted out by somebody else than its contact',
    ...{ body: v3Change, answers: { 200: v3Status }, faults: [404] },
    run: v3Changing('SUBSCRIBED', 4),
  });

const v4 = (name: string, prefix: string) => [
  operation({
    ...{ id: `${name}GetDefinitions`, method: 'GET', path: `${prefix}/definitions`, tag, scopes: read },
    summary: 'Read the subscription types',
    query: z.object({ ...unit, includeTranslations: flag }),
    ...{ answers: { 200: answers.definitions }, faults: [404] },
    run: showDefinitions,
  }),
  operation({
    ...{ id: `${name}GenerateLinks`, method: 'POST', path: `${prefix}/links/generate`, tag },
    ...{ scopes: [...read, ...write], summary: 'Make the links of a subscriber' },
    ...{ query: channelAndUnit, body: linkWish, answers: { 200: answers.links }, faults: [404] },
    run: generateLinks,
  }),
  operation({
    ...{ id: `${name}ReadStatuses`, method: 'POST', path: `${prefix}/statuses/batch/read`, tag },
    ...{ scopes: readBatch, summary: 'Read the statuses of many subscribers' },
    ...{ query: channelAndUnit, body: addresses, faults: [404] },
    answers: { 200: answers.bulk, 207: answers.bulkPartly },
    run: showManyStatuses,
  }),
  operation({
    ...{ id: `${name}UnsubscribeManyFromAll`, method: 'POST', tag, scopes: writeBatch },
    ...{ path: `${prefix}/statuses/batch/unsubscribe-all`, summary: 'Opt many subscribers out of all' },
    ...{ query: withVerbose, body: addresses, answers: { 200: answers.optedOut }, faults: [404] },
    isOptOut: () => true,
    run: unsubscribeAllOfMany,
  }),
  operation({
    ...{ id: `${name}ReadOptOutsOfAll`, method: 'POST', tag, scopes: readBatch },
    path: `${prefix}/statuses/batch/unsubscribe-all/read`,
    summary: 'Read which of many subscribers are opted out of all',
    ...{ query: channelAndUnit, body: addresses, faults: [404] },
    answers: { 200: answers.bulkWide, 207: answers.bulkWidePartly },
    run: showManyOptOutsOfAll,
  }),
  operation({
    ...{ id: `${name}WriteStatuses`, method: 'POST', path: `${prefix}/statuses/batch/write`, tag },
    ...{ scopes: writeBatch, summary: 'Change many statuses', body: changes },
    answers: { 200: answers.written },
    isOptOut: ({ body }) => body.inputs.some(({ statusState }) => statusState === 'UNSUBSCRIBED'),
    run: changeManyStatuses,
  }),
  operation({
    ...{ id: `${name}GetStatuses`, method: 'GET', path: `${prefix}/statuses/:subscriberIdString`, tag },
    ...{ scopes: read, summary: 'Read the statuses of a subscriber' },
    ...{ params: subscriber, query: channelAndUnit, answers: { 200: answers.statuses }, faults: [404] },
    run: showStatuses,
  }),
  operation({
    ...{ id: `${name}WriteStatus`, method: 'POST', path: `${prefix}/statuses/:subscriberIdString`, tag },
    ...{ scopes: write, summary: 'Change one status of a subscriber' },
    ...{ params: subscriber, body: partialChange, answers: { 200: answers.statuses }, faults: [404] },
    isOptOut: ({ body }) => body.statusState === 'UNSUBSCRIBED',
    run: changeStatus,
  }),
  operation({
    ...{ id: `${name}GetOptOutsOfAll`, method: 'GET', tag, scopes: read },
    path: `${prefix}/statuses/:subscriberIdString/unsubscribe-all`,
    summary: 'Read whether a subscriber is opted out of all',
    ...{ params: subscriber, query: withVerbose, answers: { 200: answers.wide }, faults: [404] },
    run: showOptOutsOfAll,
  }),
  operation({
    ...{ id: `${name}UnsubscribeFromAll`, method: 'POST', tag, scopes: write },
    path: `${prefix}/statuses/:subscriberIdString/unsubscribe-all`,
    summary: 'Opt a subscriber out of all',
    ...{ params: subscriber, query: withVerbose, answers: { 200: answers.statuses }, faults: [404] },
    isOptOut: () => true,
    run: unsubscribeAll,
  }),
];

const businessUnits = (name: string, prefix: string) =>
  operation({
    ...{ id: `${name}GetBusinessUnits`, method: 'GET', tag: 'HubSpot: business units' },
    ...{ path: `${prefix}/business-units/user/:userId`, scopes: ['business_units_view.read'] },
    summary: 'Read the business units of the key',
    description: 'The user is one of HubSpot, so every id gets the same answer.',
    params: z.object({ userId: z.string().min(1).max(40) }),
    query: z.object({ properties: texts, name: texts }),
    answers: { 200: answers.businessUnits },
    run: showBusinessUnits,
  });

const preferences = '/communication-preferences';
const dates = ['2025-09', '2026-03', '2026-09'] as const;

export const statusOperations = [
  operation({
    ...{ id: 'hubspotV3GetDefinitions', method: 'GET', path: `${preferences}/v3/definitions`, tag },
    ...{ scopes: read, summary: 'Read the subscription types', answers: { 200: v3Definitions } },
    run: showV3Definitions,
  }),
  ...v3('hubspotV3', `${preferences}/v3`),
  ...v4('hubspotV4', `${preferences}/v4`),
  ...dates.flatMap((date) => v4(`hubspot${date.replace('-', '')}`, `${preferences}/${date}`)),
  // HubSpot's 2026-03 has v4 alone.
  ...(['2025-09', '2026-09'] as const).flatMap((date) => {
    const [name, prefix] = [`hubspot${date.replace('-', '')}`, `${preferences}/${date}`];
    return [...v3(name, prefix), resubscribe(name, prefix)];
  }),
  businessUnits('hubspotV3', '/business-units/v3'),
  ...dates.map((date) => businessUnits(`hubspot${date.replace('-', '')}`, `/business-units/public/${date}`)),
];
