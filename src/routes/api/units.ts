/** The API of business units: what it creates and changes. */
import type { Deps } from '../../deps.js';
import { unitFields, type UnitFields } from '../../domain/catalogue/fields.js';
import { addUnit, changeUnit, findUnit } from '../../domain/catalogue/units.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { isInScope } from '../../vocabulary/scope.js';
import { unitAnswer } from './catalogue.js';
import { catalogueOf } from './hubspot/subscribers.js';
import type { Answer } from './operation.js';

/** The fields of a unit under the names of the API, without its translations. */
interface Fields extends Omit<UnitFields, 'defaultLocale' | 'hasDoubleOptIn' | 'translations'> {
  defaultLanguage?: UnitFields['defaultLocale'] | undefined;
  hasDoubleOptIn?: boolean | undefined;
}

/** @throws DomainError `NOT_PERMITTED` for a key that is limited to some business units */
export async function createUnitByApi(
  deps: Deps,
  caller: ApiCaller,
  { body: { defaultLanguage: defaultLocale, ...fields } }: { body: Fields },
): Promise<Answer> {
  if (caller.scope !== null) throw new DomainError('NOT_PERMITTED');
  const id = await addUnit(deps, unitFields.parse({ ...fields, defaultLocale }));
  await audit(deps, caller, id, 'created');
  return answerOf(deps, caller, id);
}

/** @throws DomainError `NOT_FOUND` for a unit outside the key's; `CONFLICT` if somebody else changes it at the same time */
export async function changeUnitByApi(
  deps: Deps,
  caller: ApiCaller,
  {
    params: { id },
    body: { defaultLanguage, ...given },
  }: { params: { id: number }; body: { [Field in keyof Fields]?: Fields[Field] | undefined } },
): Promise<Answer> {
  const found = isInScope(caller.scope, id) ? await findUnit(deps.models, id) : null;
  if (!found) throw new DomainError('NOT_FOUND', 'This business unit does not exist.');
  const { unit, version } = found;
  const { accent, defaultLocale, ...before } = unit;
  const after = {
    ...before,
    accent: accent.light,
    ...given,
    defaultLocale: defaultLanguage ?? defaultLocale,
  };
  if ((await changeUnit(deps, id, version, unitFields.strip().parse(after))) === 'STALE')
    throw new DomainError('CONFLICT', 'The business unit was changed by somebody else at the same time.');
  await audit(deps, caller, id, 'changed');
  return answerOf(deps, caller, id);
}

async function answerOf(deps: Deps, caller: ApiCaller, id: number): Promise<Answer> {
  const unit = (await catalogueOf(deps, caller)).units.get(id);
  if (!unit) throw new DomainError('NOT_FOUND', 'This business unit does not exist.');
  return { body: unitAnswer(unit) };
}

function audit(deps: Deps, { ref: by }: ApiCaller, unitId: number, detail: string): Promise<void> {
  return recordAudit(deps, { kind: 'UNIT_CHANGED', by, about: `unit:${unitId}`, unitId, detail });
}
