/** What admins change on other accounts: role, business units, closing and opening. */
import type { Connection } from 'mongoose';
import { DomainError } from '../../errors.js';
import { withLease } from '../../models/lease.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import type { Role, StaffMember } from '../../vocabulary/access.js';
import { endSessionsOf } from './open-sessions.js';

interface UserDeps {
  models: Pick<Models, 'users' | 'sessions'>;
  connection: Connection;
}

/** Why a change was refused. */
export type UserRefusal = 'SELF' | 'LAST_ADMIN' | 'BEYOND_SCOPE';

/** Accounts whose business units all lie within the scope, sorted by name. */
export async function usersWithin({ models }: Pick<UserDeps, 'models'>, scope: Scope): Promise<User[]> {
  const all = await models.users.find({}).lean<User[]>();
  return all
    .filter(({ unitIds }) => isWithin(unitIds, scope))
    .sort((one, other) => one.name.localeCompare(other.name, 'en') || one._id.localeCompare(other._id));
}

/** @throws DomainError `NOT_FOUND` for an unknown account, and for one that reaches units outside the scope */
export async function userWithin(
  { models }: Pick<UserDeps, 'models'>,
  scope: Scope,
  id: string,
): Promise<User> {
  const user = await models.users.findById(id).lean<User>();
  if (!user || !isWithin(user.unitIds, scope)) throw new DomainError('NOT_FOUND');
  return user;
}

/** Changes role and units of an account, effective from its next request. @returns the refusal, or null */
export async function changeAccess(
  deps: UserDeps,
  by: StaffMember,
  user: User,
  wanted: { role: Role; scope: Scope },
): Promise<UserRefusal | null> {
  if (user._id === by.id) return 'SELF';
  if (!isWithin(wanted.scope, by.scope)) return 'BEYOND_SCOPE';
  const unitIds = wanted.scope === null ? null : [...wanted.scope];
  const change = async () => {
    await deps.models.users.updateOne({ _id: user._id }, { $set: { role: wanted.role, unitIds } });
  };
  return wanted.role === 'admin' && unitIds === null
    ? change().then(() => null)
    : unlessLastAdmin(deps, user, change);
}

/** Closes an account, ends its sessions and deletes its one-time link. Earlier acts keep its name. @returns the refusal, or null */
export async function closeUser(deps: UserDeps, by: StaffMember, user: User): Promise<UserRefusal | null> {
  if (user._id === by.id) return 'SELF';
  return unlessLastAdmin(deps, user, async () => {
    await deps.models.users.updateOne(
      { _id: user._id },
      { $set: { isActive: false, invitation: null }, $inc: { epoch: 1 } },
    );
    await endSessionsOf(deps, user._id);
  });
}

/** Opens a closed account again, with the same password and codes as before. */
export async function reopenUser({ models }: Pick<UserDeps, 'models'>, user: User): Promise<void> {
  await models.users.updateOne({ _id: user._id }, { $set: { isActive: true } });
}

/** Runs one change at a time, so that two admins cannot close each other at the same moment. */
async function unlessLastAdmin(
  { models, connection }: UserDeps,
  { _id }: User,
  change: () => Promise<void>,
): Promise<UserRefusal | null> {
  return withLease(connection, { name: 'last-admin', seconds: 20, patienceSeconds: 4 }, async (signal) => {
    const admins = await models.users.find({ role: 'admin', unitIds: null, isActive: true }).lean<User[]>();
    const isOne = admins.some((admin) => admin._id === _id);
    if (isOne && !admins.some((admin) => admin._id !== _id && hasWayIn(admin))) return 'LAST_ADMIN';
    signal.throwIfAborted();
    await change();
    return null;
  });
}

/** Whether the account has a way to sign in. An invited user who has not set a password yet has none. */
export function hasWayIn({ passwordHash, passkeys, oidc }: User): boolean {
  return passwordHash !== null || passkeys.length > 0 || oidc !== null;
}
