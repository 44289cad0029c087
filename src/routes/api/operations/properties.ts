/** Declares the API of the properties of contacts and their types. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { defineProperties, mostDefinitions, propertyFields } from '../../../domain/catalogue/properties.js';
import { findOfferedProperties } from '../../../domain/contacts/properties.js';
import { folded } from '../../../domain/filters/values.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { readPropertyDefinitions } from '../../../models/setting.js';
import { faultSentence } from '../../../vocabulary/fault-words.js';
import { valueKinds, textProperty } from '../../../vocabulary/properties.js';
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
    run: async (deps, { scope }) => {
      const [{ definitions }, offered] = await Promise.all([
        readPropertyDefinitions(deps.models.settings),
        findOfferedProperties(deps, scope),
      ]);
      const byName = new Map(offered.map(({ name }) => [folded(name), textProperty(name)]));
      for (const one of definitions) byName.set(folded(one.name), one);
      return { body: { results: [...byName.values()] } };
    },
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
    /** @throws DomainError `NOT_PERMITTED` for a key that is limited to some units; `INVALID_FORM`; `CONFLICT` if somebody else sets a type at this moment */
    run: async (deps, { scope, ref: by }, { params, body }) => {
      if (scope !== null) throw new DomainError('NOT_PERMITTED');
      const read = propertyFields.safeParse({ ...params, ...body });
      if (!read.success) {
        const [issue] = read.error.issues;
        throw new DomainError('INVALID_FORM', issue && faultSentence(issue.path.join('.'), issue.message), {
          cause: read.error,
        });
      }
      const wanted = read.data;
      const { definitions, version } = await readPropertyDefinitions(deps.models.settings);
      const before = definitions.find(({ name }) => folded(name) === folded(wanted.name));
      if (isDeepStrictEqual(before ?? textProperty(wanted.name), wanted)) return { body: wanted };
      const saved = await defineProperties(deps, version, [wanted]);
      if (saved === 'STALE')
        throw new DomainError('CONFLICT', 'Somebody else set a type at the same moment.');
      if (saved === 'TOO_MANY')
        throw new DomainError('INVALID_FORM', `At most ${mostDefinitions} properties have a type.`);
      const detail = `property ${wanted.name}: ${wanted.kind}`;
      await recordAudit(deps, { kind: 'SETTINGS_CHANGED', by, about: 'account', detail });
      return { body: wanted };
    },
  }),
];
