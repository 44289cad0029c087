/** Declares the API of the properties of contacts and their types. */
import { z } from 'zod';
import { valueKinds } from '../../../vocabulary/properties.js';
import { operation } from '../operation.js';

const kind = z.enum(valueKinds);
const choices = z.array(z.string()).meta({ description: 'Of the type CHOICE; otherwise empty.' });
const property = z.strictObject({ name: z.string(), kind, choices }).meta({ id: 'ContactProperty' });
const about = { tag: 'Contact properties' } as const;

export const propertyOperations = [
  operation({
    ...{ ...about, id: 'getContactProperties', method: 'GET', path: '/api/v1/contact-properties' },
    scopes: ['contacts.read'],
    summary: 'Read the properties of contacts with their types',
    description: 'Those that have a type, and those that contacts of the key’s business units have.',
    answers: { 200: z.strictObject({ results: z.array(property) }) },
    load: async () => (await import('../properties.js')).showProperties,
  }),
  operation({
    ...{ ...about, id: 'setContactProperty', method: 'PUT', path: '/api/v1/contact-properties/:name' },
    scopes: ['settings.write'],
    summary: 'Set the type of a property',
    description:
      'The key must reach all business units. TEXT removes the type. Contacts keep their values. Repeating it changes nothing.',
    params: z.strictObject({ name: z.string().min(1).max(200) }),
    body: z
      .strictObject({ kind, choices: choices.default([]) })
      .meta({ id: 'ContactPropertyType', examples: [{ kind: 'CHOICE', choices: ['Gold', 'Silver'] }] }),
    answers: { 200: property },
    faults: [409],
    load: async () => (await import('../properties.js')).setPropertyByApi,
  }),
];
