/** Declares the API of the settings of the account. */
import { z } from 'zod';
import { accountFields, changeAccount, changesOf, readAccount } from '../../../domain/catalogue/account.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { operation } from '../operation.js';

const { defaultCountry, timeZone, filterProperties } = accountFields.shape;
const fields = {
  timeZone: timeZone.meta({ examples: ['Europe/Oslo'] }),
  defaultCountry: defaultCountry.meta({
    description: 'Of phone numbers without a country code. Null: each number needs one.',
    examples: ['NO'],
  }),
  filterProperties: filterProperties.meta({
    description: 'Properties of contacts that staff filter by. Without any: all.',
    examples: [['city']],
  }),
};
const account = z
  .strictObject({ ...fields, isPrivacyMode: z.boolean(), version: z.int() })
  .meta({ id: 'Account' });
const about = { tag: 'Account', path: '/api/v1/account', answers: { 200: account } } as const;

export const accountOperations = [
  operation({
    ...{ ...about, id: 'getAccount', method: 'GET', scopes: ['statuses.read'] },
    summary: 'Read the settings of the account',
    run: async (deps) => ({ body: await readAccount(deps) }),
  }),
  operation({
    ...{ ...about, id: 'changeAccount', method: 'PATCH', scopes: ['settings.write'] },
    summary: 'Change the given settings of the account',
    description:
      'The key must reach all business units. Staff change the data privacy mode on its page, which says for how many addresses it counts.',
    body: z
      .strictObject({
        ...fields,
        version: z
          .int()
          .meta({ description: 'With it, settings that somebody else has changed are refused with 409.' }),
      })
      .partial()
      .meta({ id: 'AccountChanges', examples: [{ timeZone: 'Europe/Oslo' }] }),
    faults: [409],
    /** @throws DomainError `NOT_PERMITTED` for a key that is limited to some units; `CONFLICT` if somebody else changes the settings */
    run: async (deps, { scope, ref: by }, { body: { version: seen, ...changes } }) => {
      if (scope !== null) throw new DomainError('NOT_PERMITTED');
      const { version, ...before } = await readAccount(deps);
      const {
        timeZone = before.timeZone,
        filterProperties = before.filterProperties,
        defaultCountry = before.defaultCountry,
      } = changes;
      // Names of properties are compared in lower case.
      const names = [...new Set(filterProperties.map((name) => name.toLowerCase()))];
      const after = { ...before, timeZone, filterProperties: names, defaultCountry };
      const detail = changesOf(before, after);
      if ((await changeAccount(deps, seen ?? version, after)) === 'STALE')
        throw new DomainError('CONFLICT', 'Somebody else has changed the settings.');
      if (detail !== '') await recordAudit(deps, { kind: 'SETTINGS_CHANGED', by, about: 'account', detail });
      return { body: await readAccount(deps) };
    },
  }),
];
