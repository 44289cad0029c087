/** Form fields for the access of an account or an API key: its role, and its business units. */
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { roleMeanings, roles, type Role } from '../../vocabulary/access.js';
import type { User } from '../../models/user.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { BusinessUnit } from '../../vocabulary/terms.js';
import { capital } from '../../vocabulary/words.js';
import { unitOptions } from './options.js';
import { onlyWith, type FieldPlan, type Texts } from './kit/fields.js';
import type { Ask } from './route.js';

/** The business units that the user reaches, and so can give to others. */
export async function unitsWithin(
  { catalogue }: Pick<Deps, 'catalogue'>,
  scope: Scope,
): Promise<BusinessUnit[]> {
  const { units } = await catalogue();
  return [...units.values()].filter(({ id }) => isInScope(scope, id));
}

/** Only users who reach all units can give all units. */
export function reachFields(units: readonly BusinessUnit[], { scope }: Pick<Ask, 'scope'>): FieldPlan[] {
  const every = { value: 'all', label: 'All', hint: 'Including those that are created later' };
  const options = unitOptions(units);
  if (scope !== null) return [{ kind: 'ticks', name: 'unit', label: 'Business units', options }];
  const reach = [every, { value: 'some', label: 'Only these:' }];
  const look = onlyWith(reach, 'some');
  return [
    { kind: 'radios', name: 'reach', label: 'Business units', look: 'leads', options: reach },
    { kind: 'ticks', name: 'unit', label: 'These business units', look, options },
  ];
}

export function reachTexts(scope: Scope): Texts {
  return { reach: scope === null ? 'all' : 'some', unit: scope?.join('\n') ?? '' };
}

/** The rules for `reachFields`. @returns parts of a schema; the scope is under `unit` */
export function reachSchema(units: readonly BusinessUnit[], { scope }: Pick<Ask, 'scope'>, texts: Texts) {
  const isAll = scope === null && texts['reach'] === 'all';
  return {
    reach: z.string().optional(),
    unit: z.array(z.string()).transform((chosen, context): number[] | null => {
      if (isAll) return null;
      const known = units.map(({ id }) => id).filter((id) => chosen.includes(String(id)));
      if (chosen.length === 0) context.addIssue('Choose at least one business unit.');
      else if (new Set(chosen).size !== known.length)
        context.addIssue('Choose only business units from the list.');
      return known;
    }),
  };
}

export const roleField: FieldPlan = {
  kind: 'radios',
  name: 'role',
  label: 'Role',
  isRequired: true,
  options: roles.map((value) => ({ value, label: capital(value), hint: roleMeanings[value] })),
};

export const roleSchema: z.ZodType<Role> = z.enum(roles, 'Choose a role.');

/** For the audit log: "support, units 0, 1". */
export function accessWords({ role, unitIds }: Pick<User, 'role' | 'unitIds'>): string {
  return unitIds ? `${role}, units ${unitIds.join(', ')}` : `${role}, all units`;
}
