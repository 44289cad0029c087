/** The API of subscription types: what it creates and changes. */
import type { Deps } from '../../deps.js';
import { typeFields, type TypeFields } from '../../domain/catalogue/fields.js';
import { addType, changeType, findType, moveType, setTypeActive } from '../../domain/catalogue/types.js';
import { isWidened, saidOfWidening } from '../../domain/marketing/addresses-concerned.js';
import { requireType, requireUnit } from '../../domain/consent/catalogue.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { typeAnswer } from './catalogue.js';
import { catalogueOf } from './hubspot/subscribers.js';
import type { Handler, Named } from './operation.js';

type Given<T> = { [K in keyof T]?: T[K] | undefined };
type Changes = Given<Omit<TypeFields, 'channel'>>;

/** @throws DomainError `UNKNOWN_UNIT` for a business unit outside the key's */
export const createType: Handler<
  Named & {
    body: { businessUnitId: number } & Given<TypeFields> & Pick<TypeFields, 'name' | 'description'>;
  }
> = async (deps, caller, { body: { businessUnitId, ...given }, callId }) => {
  requireUnit(await catalogueOf(deps, caller), businessUnitId);
  const { id, isNew } = await addType(deps, businessUnitId, typeFields.parse(given), callId);
  if (isNew) await audit(deps, caller, { id, unitId: businessUnitId }, 'created');
  return { body: await stored(deps, caller, id) };
};

/**
 * Changes a type, archives or restores it.
 * @throws DomainError `UNKNOWN_TYPE` for a type outside the key's units; `CONFLICT` if somebody else changes it at the same time, and for an unconfirmed
 *   purpose that lets it be sent to addresses that opted out
 */
export const changeTypeByApi: Handler<{
  params: { id: number };
  body: Changes & { isActive?: boolean | undefined; confirmedPurpose?: 'TRANSACTIONAL' | undefined };
}> = async (deps, caller, { params: { id }, body: { isActive, confirmedPurpose, ...changes } }) => {
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
};

/** Moves a type among the active ones of its unit; the first and the last stay where they are. @throws DomainError `UNKNOWN_TYPE` */
export const moveTypeByApi: Handler<
  { params: { id: number }; body: { direction: 'UP' | 'DOWN' } } & Named
> = async (deps, caller, { params: { id }, body: { direction }, callId }) => {
  const { type } = await found(deps, caller, id);
  await moveType(deps, type, direction, callId);
  await audit(deps, caller, type, `moved ${direction.toLowerCase()}`);
  const { orderedTypes } = await catalogueOf(deps, caller);
  const ofUnit = orderedTypes.filter(({ unitId }) => unitId === type.unitId);
  return { body: { results: ofUnit.map(typeAnswer) } };
};

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
