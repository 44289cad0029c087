/** Declares the API of subscription types. */
import { z } from 'zod';
import { oneLine } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import { typeFields } from '../../../domain/catalogue/fields.js';
import { addType, changeType, findType, moveType, setTypeActive } from '../../../domain/catalogue/types.js';
import { isWidened, saidOfWidening } from '../../../domain/marketing/addresses-concerned.js';
import { requireType, requireUnit } from '../../../domain/consent/catalogue.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { typePurposes, type SubscriptionType } from '../../../vocabulary/terms.js';
import { catalogueOf } from '../hubspot/subscribers.js';
import { operation } from '../operation.js';
import { byLanguage, channel, numberParams } from '../schemas.js';

const text = (most: number) => z.string().overwrite(oneLine).min(1).max(most);
const typeWords = typeFields.shape.translations.unwrap().meta(byLanguage);
const type = z
  .strictObject({
    ...{ id: z.int(), businessUnitId: z.int(), channel, name: z.string(), description: z.string() },
    purpose: z.enum(typePurposes),
    ...{ isActive: z.boolean(), isInternal: z.boolean(), isDefault: z.boolean() },
    ...{ communicationMethod: z.string(), translations: typeWords },
  })
  .meta({ id: 'SubscriptionType' });
const listOf = <T extends z.ZodType>(item: T) => ({ 200: z.strictObject({ results: z.array(item) }) });

const types = { tag: 'Subscription types', scopes: ['statuses.read'] } as const;
const settings = { tag: 'Subscription types', scopes: ['settings.write'] } as const;

export const typeOperations = [
  operation({
    ...{ ...types, id: 'getSubscriptionTypes', method: 'GET', path: '/api/v1/subscription-types' },
    summary: 'Read the subscription types of the key’s business units',
    answers: listOf(type),
    run: async (deps, caller) => {
      const { orderedTypes } = await catalogueOf(deps, caller);
      return { body: { results: orderedTypes.map(typeAnswer) } };
    },
  }),
  operation({
    ...{ ...types, id: 'getSubscriptionType', method: 'GET', path: '/api/v1/subscription-types/:id' },
    summary: 'Read one subscription type',
    params: numberParams,
    answers: { 200: type },
    run: async (deps, caller, { params: { id } }) => ({ body: await stored(deps, caller, id) }),
  }),
  operation({
    ...{ ...settings, id: 'createSubscriptionType', method: 'POST', path: '/api/v1/subscription-types' },
    summary: 'Create a subscription type, as the last of its business unit',
    body: z
      .strictObject({
        businessUnitId: z.int(),
        ...{ name: text(80), description: text(300), channel: channel.optional() },
        purpose: z.enum(typePurposes).optional().meta({ description: 'Absent: MARKETING.' }),
        ...{ isInternal: z.boolean().optional(), isDefault: z.boolean().optional() },
        ...{ communicationMethod: z.string().max(80).optional(), translations: typeWords.optional() },
      })
      .meta({ id: 'NewSubscriptionType' }),
    answers: { 201: type },
    faults: [404],
    /** @throws DomainError `UNKNOWN_UNIT` for a business unit outside the key's */
    run: async (deps, caller, { body: { businessUnitId, ...given }, callId }) => {
      requireUnit(await catalogueOf(deps, caller), businessUnitId);
      const { id, isNew } = await addType(deps, businessUnitId, typeFields.parse(given), callId);
      if (isNew) await audit(deps, caller, { id, unitId: businessUnitId }, 'created');
      return { body: await stored(deps, caller, id) };
    },
  }),
  operation({
    ...{ ...settings, id: 'changeSubscriptionType', method: 'PATCH' },
    path: '/api/v1/subscription-types/:id',
    summary: 'Change, archive or restore a subscription type',
    description: 'The business unit and the channel of a type never change.',
    params: numberParams,
    body: z
      .strictObject({
        ...{ name: text(80).optional(), description: text(300).optional() },
        ...{ isInternal: z.boolean().optional(), isDefault: z.boolean().optional() },
        ...{ communicationMethod: z.string().max(80).optional(), translations: typeWords.optional() },
        isActive: z.boolean().optional().meta({ description: 'false archives the type.' }),
        purpose: z.enum(typePurposes).optional().meta({
          description: 'No opt-out stops transactional messages, such as receipts.',
        }),
        confirmedPurpose: z.literal('TRANSACTIONAL').optional().meta({
          description:
            'Needed to make a marketing type transactional. Without it, the call is refused with 409, which says how many addresses may then be sent the type.',
        }),
      })
      .meta({ id: 'SubscriptionTypeChanges' }),
    answers: { 200: type },
    faults: [409],
    /**
     * @throws DomainError `UNKNOWN_TYPE` for a type outside the key's units; `CONFLICT` if somebody else changes it at the same time, and for an unconfirmed
     *   purpose that lets it be sent to addresses that opted out
     */
    run: async (deps, caller, { params: { id }, body: { isActive, confirmedPurpose, ...changes } }) => {
      const { type, version } = await found(deps, caller, id);
      if (Object.keys(changes).length > 0) {
        const { id: _id, unitId: _unit, order: _order, isActive: _isActive, ...before } = type;
        const fields = typeFields.parse({ ...before, ...changes });
        if (isWidened(type, fields.purpose) && confirmedPurpose !== fields.purpose)
          throw new DomainError(
            'CONFLICT',
            `${await saidOfWidening(deps, caller.scope, type)} To confirm it, send "confirmedPurpose": "TRANSACTIONAL".`,
          );
        if ((await changeType(deps, id, version, fields)) === 'STALE')
          throw new DomainError('CONFLICT', 'The type was changed by somebody else at the same time.');
        await audit(deps, caller, type, 'changed');
      }
      if (isActive !== undefined && (await setTypeActive(deps, id, isActive)))
        await audit(deps, caller, type, isActive ? 'restored' : 'archived');
      return { body: await stored(deps, caller, id) };
    },
  }),
  operation({
    ...{ ...settings, id: 'moveSubscriptionType', method: 'POST' },
    path: '/api/v1/subscription-types/:id/moves',
    summary: 'Move a type one place up or down in its business unit',
    description:
      'Contacts read the types in this order. The answer has the types of the unit in their new order.',
    params: numberParams,
    body: z.strictObject({ direction: z.enum(['UP', 'DOWN']) }).meta({ id: 'SubscriptionTypeMove' }),
    answers: listOf(type),
    /** Moves a type among the active ones of its unit; the first and the last stay where they are. @throws DomainError `UNKNOWN_TYPE` */
    run: async (deps, caller, { params: { id }, body: { direction }, callId }) => {
      const { type } = await found(deps, caller, id);
      await moveType(deps, type, direction, callId);
      await audit(deps, caller, type, `moved ${direction.toLowerCase()}`);
      const { orderedTypes } = await catalogueOf(deps, caller);
      const ofUnit = orderedTypes.filter(({ unitId }) => unitId === type.unitId);
      return { body: { results: ofUnit.map(typeAnswer) } };
    },
  }),
];

async function found(deps: Deps, caller: ApiCaller, id: number) {
  requireType(await catalogueOf(deps, caller), id);
  const type = await findType(deps.models, id);
  if (!type) throw new DomainError('UNKNOWN_TYPE');
  return type;
}

async function stored(deps: Deps, caller: ApiCaller, id: number): Promise<object> {
  return typeAnswer(requireType(await catalogueOf(deps, caller), id));
}

function audit(deps: Deps, { ref: by }: ApiCaller, type: { id: number; unitId: number }, detail: string) {
  const { id, unitId } = type;
  return recordAudit(deps, { kind: 'TYPE_CHANGED', by, about: `type:${id}`, unitId, detail });
}

function typeAnswer(type: SubscriptionType): object {
  const { id, unitId, channel, name, description, purpose, isActive, isInternal, isDefault } = type;
  const { communicationMethod, translations } = type;
  const about = { id, businessUnitId: unitId, channel, name, description, purpose };
  return { ...about, isActive, isInternal, isDefault, communicationMethod, translations };
}
