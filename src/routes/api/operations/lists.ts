/** Declares the API of lists. */
import { z } from 'zod';
import { listKinds } from '../../../models/list.js';
import { operation } from '../operation.js';
import { idParams, outcomes, someEmails, unitIds } from '../schemas.js';

const membersBody = z
  .strictObject({ emails: someEmails, isRemoval: z.boolean().default(false) })
  .meta({ id: 'MemberChange' });

export const listOperations = [
  operation({
    ...{ id: 'getLists', method: 'GET', path: '/api/v1/lists', tag: 'Lists', scopes: ['contacts.read'] },
    summary: 'Read the lists of the key’s business units',
    answers: {
      200: z.strictObject({
        results: z.array(
          z
            .strictObject({
              id: z.string(),
              name: z.string(),
              kind: z.enum(listKinds),
              businessUnitIds: unitIds,
            })
            .meta({ id: 'List' }),
        ),
      }),
    },
    load: async () => (await import('../lists.js')).showLists,
  }),
  operation({
    ...{ id: 'changeListMembers', method: 'POST', path: '/api/v1/lists/:id/members', tag: 'Lists' },
    scopes: ['contacts.write'],
    summary: 'Add contacts to a static list, or remove them, by their e-mail addresses',
    description: 'Repeating it changes nothing. The outcomes are in the order of the addresses.',
    params: idParams,
    body: membersBody,
    answers: { 200: outcomes },
    faults: [404, 409],
    load: async () => (await import('../lists.js')).changeListMembers,
  }),
];
