/** The API of the settings of the account. */
import { changeAccount, changesOf, readAccount, type AccountFields } from '../../domain/catalogue/account.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import type { Handler } from './operation.js';

type Changes = { [Field in keyof Omit<AccountFields, 'isPrivacyMode'>]?: AccountFields[Field] | undefined };

export const showAccount: Handler<unknown> = async (deps) => {
  return { body: await readAccount(deps) };
};

/** @throws DomainError `NOT_PERMITTED` for a key that is limited to some units; `CONFLICT` if somebody else changes the settings */
export const changeAccountByApi: Handler<{ body: Changes & { version?: number | undefined } }> = async (
  deps,
  { scope, ref: by },
  { body: { version: seen, ...changes } },
) => {
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
};
