/** Declares the API of contacts. */
import { z } from 'zod';
import { locales } from '../../../vocabulary/locales.js';
import { actorKinds, legalBases } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { idParams, pageOf, pageQuery, time } from '../schemas.js';

const text = z.string().max(1000);
const properties = z.record(z.string().max(200), z.string().max(10_000).nullable());
const fields = z.strictObject({
  firstName: text.optional(),
  lastName: text.optional(),
  email: text.nullish(),
  phone: text.nullish(),
  language: z.enum(locales).nullish(),
  processingBasis: z.enum(legalBases).nullish(),
  businessUnitIds: z.array(z.int().min(0)).max(1000).optional(),
  properties: properties.optional().meta({ description: 'Null removes a value; others stay.' }),
});
export const contact = z
  .strictObject({
    ...{ id: z.string(), firstName: z.string(), lastName: z.string() },
    ...{ email: z.string().nullable(), phone: z.string().nullable(), language: z.string().nullable() },
    processingBasis: z.enum(legalBases).nullable(),
    businessUnitIds: z.array(z.int()).meta({ description: 'Those that the key reaches.' }),
    properties: z.record(z.string(), z.string()),
    isMarketing: z.boolean(),
    leavesMarketing: z.boolean().meta({
      description: 'Whether it becomes a non-marketing contact at the next update.',
    }),
    source: z.enum(actorKinds),
    ...{ version: z.int(), createdAt: time, updatedAt: time },
  })
  .meta({ id: 'Contact' });

const reads = { tag: 'Contacts', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Contacts', scopes: ['contacts.write'] } as const;

export const ownContactOperations = [
  operation({
    ...{ ...reads, id: 'getContacts', method: 'GET', path: '/api/v1/contacts' },
    summary: 'Read contacts in the order of adding, or the one with an e-mail address',
    query: pageQuery.extend({ email: text.optional() }),
    answers: { 200: pageOf(contact) },
    load: async () => (await import('../contacts.js')).showContacts,
  }),
  operation({
    ...{ ...reads, id: 'getContact', method: 'GET', path: '/api/v1/contacts/:id' },
    summary: 'Read one contact',
    params: idParams,
    answers: { 200: contact },
    load: async () => (await import('../contacts.js')).showContact,
  }),
  operation({
    ...{ ...writes, id: 'createContact', method: 'POST', path: '/api/v1/contacts' },
    summary: 'Create a contact',
    description: 'Preferences belong to the address: those that it has already stay.',
    body: fields.meta({ id: 'NewContact' }),
    answers: { 201: contact },
    faults: [409],
    load: async () => (await import('../contacts.js')).createContactByApi,
  }),
  operation({
    ...{ ...writes, id: 'updateContact', method: 'PATCH', path: '/api/v1/contacts/:id' },
    summary: 'Change the given fields of a contact',
    params: idParams,
    body: fields
      .extend({
        version: z
          .int()
          .optional()
          .meta({ description: 'With it, a contact that somebody else has changed is refused with 409.' }),
      })
      .meta({ id: 'ContactChange' }),
    answers: { 200: contact },
    faults: [409],
    load: async () => (await import('../contacts.js')).updateContactByApi,
  }),
  operation({
    ...{ ...writes, id: 'deleteContact', method: 'DELETE', path: '/api/v1/contacts/:id' },
    summary: 'Delete a contact',
    description: 'The preferences of its addresses stay.',
    params: idParams,
    answers: { 204: null },
    load: async () => (await import('../contacts.js')).deleteContactByApi,
  }),
];
