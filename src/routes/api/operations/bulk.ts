/** Declares the API of bulk work: which contacts a filter finds, how many they are, and the jobs that the index of contacts starts. */
import { z } from 'zod';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { contactSorts } from '../../../domain/contacts/selection.js';
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
/** Of a job that begins at once: the number takes the place of a preview. */
const counted = z
  .strictObject({
    ...selection,
    expected: z.int().min(0).optional().meta({
      description: 'Needed with a filter: the number that `POST /contacts/counts` says.',
    }),
  })
  .refine(({ filter, expected }) => filter === undefined || expected !== undefined, {
    ...{ path: ['expected'], message: 'is needed with a filter' },
  });
const some = { contactIds: ['Zm9vYmFyYmF6'] };
const basis = z.enum(legalBases).optional();

const bulk = { tag: 'Bulk work', method: 'POST', answers: { 202: job } } as const;
const ofContacts = { ...bulk, scopes: ['contacts.write'] } as const;

export const bulkOperations = [
  operation({
    ...{ id: 'searchContacts', method: 'POST', path: '/api/v1/contacts/search', tag: 'Bulk work' },
    scopes: ['contacts.read'],
    summary: 'Read the contacts that match a filter, 50 at a time',
    body: z
      .strictObject({
        filter: filterSchema,
        sort: z.enum(contactSorts).default('added'),
        direction: z.enum(['asc', 'desc']).default('asc'),
        after: z.string().max(2000).optional().meta({ description: '`after` of the page ahead of it.' }),
      })
      .meta({ id: 'ContactSearch' }),
    answers: {
      200: z.strictObject({
        results: z.array(contact),
        after: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../bulk.js')).searchContactsByApi,
  }),
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
    ...{ ...bulk, id: 'startBulkEdit', path: '/api/v1/bulk-edits' },
    scopes: ['contacts.write', 'statuses.write'],
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
      .meta({ id: 'BulkEdit', examples: [{ ...some, typeIds: [1], status: 'OPT_OUT' }] }),
    load: async () => (await import('../bulk.js')).startBulkEdit,
  }),
  operation({
    ...{ ...ofContacts, id: 'startMarketingChange', path: '/api/v1/marketing-changes' },
    summary: 'Set many contacts as marketing or non-marketing contacts, as a job',
    description:
      'Marketing: at once, which also takes back an earlier change. Non-marketing: at the next update.',
    body: counted
      .safeExtend({ isMarketing: z.boolean() })
      .meta({ id: 'MarketingChange', examples: [{ ...some, isMarketing: false }] }),
    load: async () => (await import('../bulk.js')).startMarketingChange,
  }),
  operation({
    ...{ ...ofContacts, id: 'startListEdit', path: '/api/v1/lists/:id/member-changes' },
    summary: 'Add many contacts to a static list, or remove them, as a job',
    params: idParams,
    body: counted
      .safeExtend({ isRemoval: z.boolean().default(false) })
      .meta({ id: 'MemberChanges', examples: [some] }),
    load: async () => (await import('../bulk.js')).startListEdit,
  }),
  operation({
    ...{ ...ofContacts, id: 'startEnrolment', path: '/api/v1/workflows/:id/enrolment-jobs' },
    summary: 'Enrol many contacts in a workflow, as a job',
    description: 'The trigger is not asked.',
    params: idParams,
    body: counted.meta({ id: 'EnrolmentJob', examples: [some] }),
    load: async () => (await import('../bulk.js')).startEnrolment,
  }),
  operation({
    ...{ ...bulk, id: 'startLinkMailing', path: '/api/v1/link-mailings' },
    scopes: ['contacts.write', 'links'],
    summary: 'Mail many contacts the link to their preferences, as a job',
    description: 'Each contact gets one mail, in its language.',
    body: counted
      .safeExtend({ businessUnitId: z.int() })
      .meta({ id: 'LinkMailing', examples: [{ ...some, businessUnitId: 1 }] }),
    faults: [404],
    load: async () => (await import('../bulk.js')).startLinkMailing,
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
