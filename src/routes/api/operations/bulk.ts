/** Declares the API of bulk work: how many contacts a filter finds, bulk edits of subscriptions, and the marketing contact status. */
import { z } from 'zod';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { filterSchema } from '../../../domain/filters/filter.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { channel, idParams } from '../schemas.js';
import { contact } from './contacts.js';
import { job } from './jobs.js';

const selection = {
  contactIds: z.array(z.string().min(1).max(40)).min(1).max(5000).optional(),
  filter: filterSchema.optional().meta({
    description: 'All contacts that match now, in place of `contactIds`. Without groups: all contacts.',
  }),
};
const basis = z.enum(legalBases).optional();

const bulk = { tag: 'Bulk work', scopes: ['contacts.write', 'statuses.write'] } as const;

export const bulkOperations = [
  operation({
    ...{ id: 'countContacts', method: 'POST', path: '/api/v1/contacts/counts', tag: 'Bulk work' },
    scopes: ['contacts.read'],
    summary: 'Count the contacts that match a filter',
    body: z.strictObject({ filter: filterSchema }).meta({ id: 'ContactCountRequest' }),
    answers: {
      200: z.strictObject({ count: z.int(), isCapped: z.boolean() }).meta({
        id: 'ContactCount',
        description: 'Capped: at least so many; 0 if it is unknown.',
      }),
    },
    load: async () => (await import('../bulk.js')).countContactsByApi,
  }),
  operation({
    ...{ ...bulk, id: 'startBulkEdit', method: 'POST', path: '/api/v1/bulk-edits' },
    summary: 'Ask for an opt-in or opt-out of many contacts, as a job',
    description:
      'The job previews it first. Read the job until it is WAITING, and confirm it with `preview.changed`. It never opts in a contact that has opted out.',
    body: z
      .strictObject({
        ...{ ...selection, channel: channel.default('EMAIL') },
        typeIds: z.array(z.int()).min(1).max(200),
        status: z.enum(['OPT_IN', 'OPT_OUT']),
        legalBasis: basis,
        explanation: z.string().max(longestExplanation).default('').meta({
          description: 'Where and when the contacts agreed. An opt-in needs it.',
        }),
        processingBasis: basis.meta({ description: 'For contacts without one.' }),
      })
      .meta({
        id: 'BulkEdit',
        examples: [{ contactIds: ['Zm9vYmFyYmF6'], typeIds: [1], status: 'OPT_OUT' }],
      }),
    answers: { 202: job },
    load: async () => (await import('../bulk.js')).startBulkEdit,
  }),
  operation({
    ...{ ...bulk, id: 'startMarketingChange', method: 'POST', path: '/api/v1/marketing-changes' },
    scopes: ['contacts.write'],
    summary: 'Set many contacts as marketing or non-marketing contacts, as a job',
    description:
      'Marketing: at once, which also takes back an earlier change. Non-marketing: at the next update.',
    body: z
      .strictObject({
        ...{ ...selection, isMarketing: z.boolean() },
        expected: z.int().min(0).optional().meta({
          description: 'Needed with a filter: the number that `POST /contacts/counts` says.',
        }),
      })
      .meta({
        id: 'MarketingChange',
        examples: [{ contactIds: ['Zm9vYmFyYmF6'], isMarketing: false }],
      }),
    answers: { 202: job },
    load: async () => (await import('../bulk.js')).startMarketingChange,
  }),
  operation({
    ...{ id: 'setMarketingStatus', method: 'PUT', path: '/api/v1/contacts/:id/marketing', tag: 'Contacts' },
    scopes: ['contacts.write'],
    summary: 'Set a contact as a marketing or non-marketing contact',
    description: 'Marketing: at once. Non-marketing: at the next update. Repeating it changes nothing.',
    params: idParams,
    body: z.strictObject({ isMarketing: z.boolean() }).meta({ id: 'MarketingStatus' }),
    answers: { 200: contact },
    load: async () => (await import('../bulk.js')).setMarketingByApi,
  }),
];
