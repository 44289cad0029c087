/** Declares HubSpot's contacts and their properties, under both of HubSpot's prefixes. */
import { z } from 'zod';
import { operation } from '../operation.js';
import * as shapes from './contact-shapes.js';
import { flag, texts } from './status-operations.js';
import {
  archiveContact,
  archiveContacts,
  createContact,
  createContacts,
  eraseContact,
  updateContact,
  updateContacts,
  upsertContacts,
} from './contact-writes.js';
import {
  findContacts,
  listContacts,
  readContact,
  readContacts,
  showProperties,
  showProperty,
} from './contacts.js';

const tag = 'HubSpot: contacts';
const read = ['crm.objects.contacts.read'] as const;
const write = ['crm.objects.contacts.write'] as const;

const one = z.object({ id: z.string().min(1).max(400) });
const idProperty = z.enum(['email', 'hs_object_id']).optional();
const readQuery = z.object({ properties: texts, idProperty });
const batch = { 200: shapes.contactBatch, 207: shapes.contactBatchPartly };
const mayOptOut = (properties: Readonly<Record<string, unknown>>) =>
  String(properties['hs_email_optout']) === 'true';

const contacts = (name: string, prefix: string) => [
  operation({
    ...{ id: `${name}ListContacts`, method: 'GET', path: prefix, tag, scopes: read },
    summary: 'Read a page of contacts',
    query: z.object({
      limit: z
        .string()
        .regex(/^([1-9]\d?|100)$/)
        .transform(Number)
        .optional()
        .meta({ type: 'integer', minimum: 1, maximum: 100 }),
      ...{ after: z.string().max(500).optional(), properties: texts, archived: flag },
    }),
    answers: { 200: shapes.contactsPage },
    run: listContacts,
  }),
  operation({
    ...{ id: `${name}CreateContact`, method: 'POST', path: prefix, tag, scopes: write },
    ...{ summary: 'Create a contact', body: shapes.contactInput, answers: { 201: shapes.contactAnswer } },
    faults: [409],
    isOptOut: ({ body }) => mayOptOut(body.properties),
    run: createContact,
  }),
  operation({
    ...{ id: `${name}GetContact`, method: 'GET', path: `${prefix}/:id`, tag, scopes: read },
    ...{ summary: 'Read a contact', params: one, query: readQuery, answers: { 200: shapes.contactAnswer } },
    faults: [404],
    run: readContact,
  }),
  operation({
    ...{ id: `${name}UpdateContact`, method: 'PATCH', path: `${prefix}/:id`, tag, scopes: write },
    ...{ summary: 'Change a contact', params: one, query: z.object({ idProperty }) },
    ...{ body: shapes.contactInput, answers: { 200: shapes.contactAnswer }, faults: [404, 409] },
    isOptOut: ({ body }) => mayOptOut(body.properties),
    run: updateContact,
  }),
  operation({
    ...{ id: `${name}ArchiveContact`, method: 'DELETE', path: `${prefix}/:id`, tag, scopes: write },
    ...{ summary: 'Delete a contact', params: one, answers: { 204: null } },
    run: archiveContact,
  }),
  operation({
    ...{ id: `${name}ReadContacts`, method: 'POST', path: `${prefix}/batch/read`, tag, scopes: read },
    ...{ summary: 'Read many contacts', body: shapes.contactReads, answers: batch },
    run: readContacts,
  }),
  operation({
    ...{ id: `${name}CreateContacts`, method: 'POST', path: `${prefix}/batch/create`, tag, scopes: write },
    ...{ summary: 'Create many contacts', body: shapes.contactCreates },
    answers: { 201: shapes.contactBatch, 207: shapes.contactBatchPartly },
    isOptOut: ({ body }) => body.inputs.some(({ properties }) => mayOptOut(properties)),
    run: createContacts,
  }),
  operation({
    ...{ id: `${name}UpdateContacts`, method: 'POST', path: `${prefix}/batch/update`, tag, scopes: write },
    ...{ summary: 'Change many contacts', body: shapes.contactUpdates, answers: batch },
    isOptOut: ({ body }) => body.inputs.some(({ properties }) => mayOptOut(properties)),
    run: updateContacts,
  }),
  operation({
    ...{ id: `${name}UpsertContacts`, method: 'POST', path: `${prefix}/batch/upsert`, tag, scopes: write },
    ...{ summary: 'Change or create many contacts', body: shapes.contactUpserts },
    answers: { 200: shapes.upsertBatch, 207: shapes.upsertBatchPartly },
    isOptOut: ({ body }) => body.inputs.some(({ properties }) => mayOptOut(properties)),
    run: upsertContacts,
  }),
  operation({
    ...{ id: `${name}ArchiveContacts`, method: 'POST', path: `${prefix}/batch/archive`, tag, scopes: write },
    ...{ summary: 'Delete many contacts', body: shapes.contactRefs, answers: { 204: null } },
    run: archiveContacts,
  }),
  operation({
    ...{ id: `${name}SearchContacts`, method: 'POST', path: `${prefix}/search`, tag, scopes: read },
    ...{ summary: 'Search contacts', body: shapes.search, answers: { 200: shapes.contactsFound } },
    run: findContacts,
  }),
  operation({
    ...{ id: `${name}EraseContact`, method: 'POST', path: `${prefix}/gdpr-delete`, tag, scopes: write },
    ...{ summary: 'Erase a person', body: shapes.erasure, answers: { 204: null }, faults: [403] },
    isOptOut: () => true,
    run: eraseContact,
  }),
];

export const contactOperations = [
  ...contacts('hubspotV3', '/crm/v3/objects/contacts'),
  ...contacts('hubspot202603', '/crm/objects/2026-03/contacts'),
  operation({
    ...{ id: 'hubspotV3GetProperties', method: 'GET', path: '/crm/v3/properties/contacts', tag },
    ...{ scopes: read, summary: 'Read the properties of contacts', answers: { 200: shapes.properties } },
    run: showProperties,
  }),
  operation({
    ...{ id: 'hubspotV3GetProperty', method: 'GET', path: '/crm/v3/properties/contacts/:name', tag },
    ...{
      scopes: read,
      summary: 'Read a property of contacts',
      params: z.object({ name: z.string().max(100) }),
    },
    ...{ answers: { 200: shapes.property }, faults: [404] },
    run: showProperty,
  }),
];
