/** Declares the API of business units. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { unitFields } from '../../../domain/catalogue/fields.js';
import { logoIn, mostLogoBytes } from '../../../domain/catalogue/logo.js';
import { addUnit, changeUnit, findUnit, type UnitWish } from '../../../domain/catalogue/units.js';
import { requireUnit } from '../../../domain/consent/catalogue.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { locales } from '../../../vocabulary/locales.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { catalogueOf } from '../hubspot/subscribers.js';
import { operation, type Answer } from '../operation.js';
import { byLanguage, numberParams } from '../schemas.js';

const unitWords = unitFields.shape.translations.unwrap().meta(byLanguage);
const unit = z
  .strictObject({
    ...{ id: z.int(), name: z.string(), accent: z.string(), senderName: z.string() },
    ...{ senderAddress: z.string(), postalAddress: z.string(), privacyPolicyUrl: z.string() },
    ...{ defaultLanguage: z.string(), hasDoubleOptIn: z.boolean(), translations: unitWords },
    hasLogo: z.boolean(),
  })
  .meta({ id: 'BusinessUnit' });
const { name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl } = unitFields.shape;
const newUnit = z.strictObject({
  ...{ name, accent, senderName, senderAddress, postalAddress, privacyPolicyUrl },
  ...{ defaultLanguage: z.enum(locales).optional(), hasDoubleOptIn: z.boolean().optional() },
  translations: unitWords.optional(),
});

const units = { tag: 'Business units', scopes: ['statuses.read'] } as const;

const unitChanges = newUnit.partial();

export const unitOperations = [
  operation({
    ...{ ...units, id: 'getBusinessUnits', method: 'GET', path: '/api/v1/business-units' },
    summary: 'Read the key’s business units',
    answers: { 200: z.strictObject({ results: z.array(unit) }) },
    run: async (deps, caller) => {
      const { units } = await catalogueOf(deps, caller);
      return { body: { results: [...units.values()].map(unitAnswer) } };
    },
  }),
  operation({
    ...{ ...units, id: 'getBusinessUnit', method: 'GET', path: '/api/v1/business-units/:id' },
    summary: 'Read one business unit',
    params: numberParams,
    answers: { 200: unit },
    run: async (deps, caller, { params: { id } }) => answerOf(deps, caller, id),
  }),
  operation({
    ...{ ...units, id: 'createBusinessUnit', method: 'POST', path: '/api/v1/business-units' },
    scopes: ['settings.write'],
    summary: 'Create a business unit',
    description: 'The key must reach all business units.',
    body: newUnit.meta({ id: 'NewBusinessUnit' }),
    answers: { 201: unit },
    /** @throws DomainError `NOT_PERMITTED` for a key that is limited to some business units */
    run: async (deps, caller, { body: { defaultLanguage: defaultLocale, ...fields }, callId }) => {
      if (caller.scope !== null) throw new DomainError('NOT_PERMITTED');
      const { id, isNew } = await addUnit(deps, unitFields.parse({ ...fields, defaultLocale }), callId);
      if (isNew) await audit(deps, caller, id, 'created');
      return answerOf(deps, caller, id);
    },
  }),
  operation({
    ...{ ...units, id: 'changeBusinessUnit', method: 'PATCH', path: '/api/v1/business-units/:id' },
    scopes: ['settings.write'],
    summary: 'Change the given fields of a business unit',
    params: numberParams,
    body: unitChanges.meta({ id: 'BusinessUnitChanges' }),
    answers: { 200: unit },
    faults: [409],
    /** @throws DomainError `UNKNOWN_UNIT` for a unit outside the key's; `CONFLICT` if somebody else changes it at the same time */
    run: async (deps, caller, { params: { id }, body }) => change(deps, caller, id, body),
  }),
  operation({
    ...{ ...units, id: 'setLogo', method: 'PUT', path: '/api/v1/business-units/:id/logo' },
    scopes: ['settings.write'],
    summary: 'Set the logo of a business unit',
    description: 'SVG, PNG or WebP, at most 64 kB.',
    params: numberParams,
    upload: { types: ['image/svg+xml', 'image/png', 'image/webp'] },
    answers: { 200: unit },
    faults: [409],
    /** @throws DomainError `INVALID_FILE`; and as `changeBusinessUnit` */
    run: async (deps, caller, { params: { id }, bytes }) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of bytes) {
        length += part.length;
        if (length <= mostLogoBytes) parts.push(part);
      }
      const read = length > mostLogoBytes ? null : logoIn(Buffer.concat(parts));
      if (!read) throw new DomainError('INVALID_FILE', 'Send an SVG, PNG or WebP picture of at most 64 kB.');
      return change(deps, caller, id, { logo: read });
    },
  }),
  operation({
    ...{ ...units, id: 'removeLogo', method: 'DELETE', path: '/api/v1/business-units/:id/logo' },
    scopes: ['settings.write'],
    summary: 'Remove the logo of a business unit',
    params: numberParams,
    answers: { 200: unit },
    faults: [409],
    /** @throws as `changeBusinessUnit` */
    run: async (deps, caller, { params: { id } }) => change(deps, caller, id, { logo: null }),
  }),
];

async function change(
  deps: Deps,
  caller: ApiCaller,
  id: number,
  { logo, defaultLanguage, ...given }: Pick<UnitWish, 'logo'> & z.output<typeof unitChanges>,
): Promise<Answer> {
  const found = isInScope(caller.scope, id) ? await findUnit(deps.models, id) : null;
  if (!found) throw new DomainError('UNKNOWN_UNIT');
  const { unit, version } = found;
  const { accent, defaultLocale, ...before } = unit;
  const after = {
    ...before,
    accent: accent.light,
    ...given,
    defaultLocale: defaultLanguage ?? defaultLocale,
  };
  const wish = { ...unitFields.strip().parse(after), logo };
  if ((await changeUnit(deps, id, version, wish)) === 'STALE')
    throw new DomainError('CONFLICT', 'The business unit was changed by somebody else at the same time.');
  await audit(deps, caller, id, 'changed');
  return answerOf(deps, caller, id);
}

async function answerOf(deps: Deps, caller: ApiCaller, id: number): Promise<Answer> {
  return { body: unitAnswer(requireUnit(await catalogueOf(deps, caller), id)) };
}

function audit(deps: Deps, { ref: by }: ApiCaller, unitId: number, detail: string): Promise<void> {
  return recordAudit(deps, { kind: 'UNIT_CHANGED', by, about: `unit:${unitId}`, unitId, detail });
}

function unitAnswer(unit: BusinessUnit): object {
  const { id, name, senderName, postalAddress, privacyPolicyUrl, hasDoubleOptIn } = unit;
  return {
    ...{ id, name, accent: unit.accent.light, senderName, senderAddress: shownAddress(unit.senderAddress) },
    ...{ postalAddress, privacyPolicyUrl, defaultLanguage: unit.defaultLocale, hasDoubleOptIn },
    ...{ translations: unit.translations, hasLogo: unit.logo !== undefined },
  };
}
