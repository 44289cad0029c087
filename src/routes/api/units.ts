/** The API of business units: what it creates and changes. */
import type { Deps } from '../../deps.js';
import { unitFields, type UnitFields } from '../../domain/catalogue/fields.js';
import { logoIn, mostLogoBytes } from '../../domain/catalogue/logo.js';
import { addUnit, changeUnit, findUnit, type UnitWish } from '../../domain/catalogue/units.js';
import { requireUnit } from '../../domain/consent/catalogue.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { isInScope } from '../../vocabulary/scope.js';
import { unitAnswer } from './catalogue.js';
import { catalogueOf } from './hubspot/subscribers.js';
import type { Answer, Handler, Named } from './operation.js';

/** The fields of a unit under the names of the API. */
interface Fields extends Omit<UnitFields, 'defaultLocale' | 'hasDoubleOptIn' | 'translations'> {
  defaultLanguage?: UnitFields['defaultLocale'] | undefined;
  hasDoubleOptIn?: boolean | undefined;
  translations?: UnitFields['translations'] | undefined;
}

interface OneUnit {
  params: { id: number };
}

/** @throws DomainError `NOT_PERMITTED` for a key that is limited to some business units */
export const createUnitByApi: Handler<{ body: Fields } & Named> = async (
  deps,
  caller,
  { body: { defaultLanguage: defaultLocale, ...fields }, callId },
) => {
  if (caller.scope !== null) throw new DomainError('NOT_PERMITTED');
  const { id, isNew } = await addUnit(deps, unitFields.parse({ ...fields, defaultLocale }), callId);
  if (isNew) await audit(deps, caller, id, 'created');
  return answerOf(deps, caller, id);
};

/** @throws DomainError `UNKNOWN_UNIT` for a unit outside the key's; `CONFLICT` if somebody else changes it at the same time */
export const changeUnitByApi: Handler<
  OneUnit & { body: { [Field in keyof Fields]?: Fields[Field] | undefined } }
> = async (deps, caller, { params: { id }, body }) => {
  return change(deps, caller, { id, ...body });
};

/** @throws DomainError `INVALID_FILE`; and as `changeUnitByApi` */
export const setLogoByApi: Handler<OneUnit & { bytes: AsyncIterable<Uint8Array> }> = async (
  deps,
  caller,
  { params: { id }, bytes },
) => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    length += part.length;
    if (length <= mostLogoBytes) parts.push(part);
  }
  const read = length > mostLogoBytes ? null : logoIn(Buffer.concat(parts));
  if (!read) throw new DomainError('INVALID_FILE', 'Send an SVG, PNG or WebP picture of at most 64 kB.');
  return change(deps, caller, { id, logo: read });
};

/** @throws as `changeUnitByApi` */
export const removeLogoByApi: Handler<OneUnit> = async (deps, caller, { params: { id } }) => {
  return change(deps, caller, { id, logo: null });
};

async function change(
  deps: Deps,
  caller: ApiCaller,
  {
    id,
    logo,
    defaultLanguage,
    ...given
  }: { id: number; logo?: UnitWish['logo'] } & { [Field in keyof Fields]?: Fields[Field] | undefined },
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
