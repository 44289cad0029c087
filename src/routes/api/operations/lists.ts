/** Declares the API of lists. */
import { z } from 'zod';
import { filterSchema } from '../../../domain/filters/filter.js';
import { listKinds } from '../../../models/list.js';
import { operation } from '../operation.js';
import { givenUnitIds, idParams, outcomes, someEmails, unitIds } from '../schemas.js';

const membersBody = z
  .strictObject({ emails: someEmails, isRemoval: z.boolean().default(false) })
  .meta({ id: 'MemberChange' });

const list = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), kind: z.enum(listKinds), businessUnitIds: unitIds },
    filter: filterSchema.nullable().meta({
      description: 'Of an active list; null for a static one. Without groups, no contact is a member.',
    }),
    version: z.int(),
  })
  .meta({ id: 'List' });
const fields = {
  name: z.string().max(200),
  businessUnitIds: givenUnitIds,
  filter: filterSchema.optional().meta({ description: 'Of an active list.' }),
};
const path = '/api/v1/lists' as const;
const reads = { tag: 'Lists', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Lists', scopes: ['contacts.write'] } as const;

export const listOperations = [
  operation({
    ...{ ...reads, id: 'getLists', method: 'GET', path },
    summary: 'Read the lists of the key’s business units',
    answers: { 200: z.strictObject({ results: z.array(list) }) },
    load: async () => (await import('../lists.js')).showLists,
  }),
  operation({
    ...{ ...reads, id: 'getList', method: 'GET', path: `${path}/:id` },
    summary: 'Read one list',
    params: idParams,
    answers: { 200: list },
    load: async () => (await import('../lists.js')).showList,
  }),
  operation({
    ...{ ...writes, id: 'createList', method: 'POST', path },
    summary: 'Create a static list, or an active one with its filter',
    body: z.strictObject({ ...fields, kind: z.enum(listKinds) }).meta({ id: 'NewList' }),
    answers: { 201: list },
    load: async () => (await import('../list-changes.js')).createListByApi,
  }),
  operation({
    ...{ ...writes, id: 'changeList', method: 'PATCH', path: `${path}/:id` },
    summary: 'Change the name, the business units or the filter of a list',
    params: idParams,
    body: z
      .strictObject({ ...fields, name: fields.name.optional() })
      .extend({
        version: z
          .int()
          .optional()
          .meta({ description: 'With it, a list that somebody else has changed is refused with 409.' }),
      })
      .meta({ id: 'ListChanges' }),
    answers: { 200: list },
    faults: [409],
    load: async () => (await import('../list-changes.js')).changeListByApi,
  }),
  operation({
    ...{ ...writes, id: 'deleteList', method: 'DELETE', path: `${path}/:id` },
    summary: 'Delete a list that nothing uses; its contacts stay',
    params: idParams,
    answers: { 204: null },
    faults: [409],
    load: async () => (await import('../list-changes.js')).deleteListByApi,
  }),
  operation({
    ...{ ...writes, id: 'changeListMembers', method: 'POST', path: `${path}/:id/members` },
    summary: 'Add contacts to a static list, or remove them, by their e-mail addresses',
    description: 'Repeating it changes nothing. The outcomes are in the order of the addresses.',
    params: idParams,
    body: membersBody,
    answers: { 200: outcomes },
    faults: [404, 409],
    load: async () => (await import('../lists.js')).changeListMembers,
  }),
];
