/** The staff of the demonstration: one user per role, and one who reaches a single business unit, with passwords for this start only. */
import { randomBytes } from 'node:crypto';
import type { Role } from '../vocabulary/access.js';
import { endSessionsOf } from '../domain/staff/open-sessions.js';
import { hashPassword } from '../domain/staff/passwords.js';
import { createUser, type NewUser } from '../domain/staff/users.js';
import type { Models } from '../models/index.js';
import type { Scope } from '../vocabulary/scope.js';
import { fjell } from './world.js';

interface DemoStaffDeps {
  models: Pick<Models, 'users' | 'sessions'>;
  clock: () => Date;
}

export interface DemoSignIn {
  name: string;
  role: Role;
  email: string;
  password: string;
  /** Name of the only business unit that it reaches. */
  unit?: string;
}

const staff: readonly { name: string; role: Role; scope: Scope; unit?: string }[] = [
  { name: 'Ida Lund', role: 'admin', scope: null },
  { name: 'Mats Holm', role: 'marketer', scope: null },
  { name: 'Sara Vik', role: 'support', scope: null },
  { name: 'Anton Ruud', role: 'auditor', scope: null },
  { name: 'Frida Moe', role: 'support', scope: [fjell.id], unit: fjell.name },
];

/**
 * Creates missing users, and gives each a new password, so that earlier printed passwords stop working. Changed roles, units and one-time codes are
 * reset.
 */
export async function makeDemoStaff(deps: DemoStaffDeps): Promise<DemoSignIn[]> {
  const signIns: DemoSignIn[] = [];
  for (const { name, role, scope, unit } of staff) {
    const email = `${name.toLowerCase().replace(' ', '.')}@staff.example`;
    const password = randomBytes(9).toString('base64url');
    const isKnown = await putBack(deps, { email, name, role, scope, password });
    if (!isKnown)
      await createUser(deps, { email, name, role, scope, password }).catch(async (error: unknown) => {
        // Another demonstration on the same database was faster.
        if (!(await putBack(deps, { email, name, role, scope, password }))) throw error;
      });
    signIns.push({ name, role, email, password, ...(unit === undefined ? {} : { unit }) });
  }
  return signIns;
}

/** @returns false if there is no such account */
async function putBack(
  deps: DemoStaffDeps,
  { email, name, role, scope, password }: NewUser & { password: string },
): Promise<boolean> {
  const known = await deps.models.users.findOne({ email }, { _id: 1 }).lean();
  if (!known) return false;
  const afresh = {
    name,
    role,
    unitIds: scope === null ? null : [...scope],
    passwordHash: await hashPassword(password),
    totp: null,
    recoveryCodes: [],
    isActive: true,
  };
  await deps.models.users.updateOne({ _id: known._id }, { $set: afresh, $inc: { epoch: 1 } });
  await endSessionsOf(deps, known._id);
  return true;
}
