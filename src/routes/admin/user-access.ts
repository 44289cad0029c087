/** Form fields for role and business units of an account. */
import type { Deps } from '../../deps.js';
import { roleMeanings, roles } from '../../vocabulary/access.js';
import type { Role } from '../../vocabulary/access.js';
import type { User } from '../../models/user.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { AccessFields } from '../../views/admin-staff-pages.js';
import { textOf, textsOf, wholeOf } from './form.js';
import type { FieldFault } from './form.js';
import type { Ask } from './route.js';

export interface WantedAccess {
  /** Null if none was chosen. */
  role: Role | null;
  isAll: boolean;
  unitIds: number[];
}

export function wantedAccess({ request, scope }: Ask): WantedAccess {
  const role = textOf(request, 'role', 20);
  const ids = textsOf(request, 'unit').map(wholeOf);
  return {
    role: roles.find((one) => one === role) ?? null,
    isAll: scope === null && textOf(request, 'reach', 10) === 'all',
    unitIds: [...new Set(ids)].filter((id) => id !== null),
  };
}

/** An admin can give only units that exist and that the admin reaches. */
export async function faultsOfAccess(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { scope }: Ask,
  { role, isAll, unitIds }: WantedAccess,
): Promise<FieldFault[]> {
  const faults: FieldFault[] = [];
  if (role === null) faults.push({ text: 'Choose a role.', href: '#role-admin' });
  if (isAll) return faults;
  const { units } = await catalogue();
  if (unitIds.length === 0)
    faults.push({ text: 'Choose the business units that this account reaches.', href: '#units' });
  else if (unitIds.some((id) => !units.has(id) || !isInScope(scope, id)))
    faults.push({ text: 'Choose among the business units that are shown.', href: '#units' });
  return faults;
}

export async function accessFields(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { scope }: Ask,
  { role, isAll, unitIds }: WantedAccess,
): Promise<AccessFields> {
  const { units } = await catalogue();
  return {
    roles: roles.map((value) => ({
      value,
      label: titled(value),
      hint: roleMeanings[value],
      isSelected: value === role,
    })),
    ...(scope === null ? { reach: { isAll } } : {}),
    units: [...units.values()]
      .filter(({ id }) => isInScope(scope, id))
      .map(({ id, name }) => ({
        value: String(id),
        label: name,
        isSelected: !isAll && unitIds.includes(id),
      })),
  };
}

/** For the audit log: "support, units 0, 1". */
export function accessWords({ role, unitIds }: Pick<User, 'role' | 'unitIds'>): string {
  return unitIds ? `${role}, units ${unitIds.join(', ')}` : `${role}, all units`;
}

/** "Admin" */
export function titled(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
