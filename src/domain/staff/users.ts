/** Accounts of the staff: creation, and what admins change on others (role, business units, closing and opening). */
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { type Scope, isWithin } from '../../vocabulary/scope.js';
import { composedAddress } from '../consent/address.js';
import { readAddress } from '../consent/read-address.js';
import type { Role, StaffMember } from '../../vocabulary/access.js';
import { hashPassword } from './passwords.js';
import type { Connection } from 'mongoose';
import { withLease } from '../../models/lease.js';
import { endSessionsOf } from './open-sessions.js';
import { newId } from '../../new-id.js';

export interface NewUser {
  email: string;
  name: string;
  role: Role;
  scope: Scope;
  /** Absent for a user who will set it by an invitation, or sign in by OpenID Connect. */
  password?: string;
}

/**
 * Creates an account.
 * @throws DomainError `INVALID_ADDRESS`, `INVALID_FORM` if an account has the address already
 */
export async function createUser(
  { models, clock }: { models: Pick<Models, 'users'>; clock: () => Date },
  wanted: NewUser,
): Promise<User> {
  const user: User = {
    _id: newId(),
    email: readAddress('EMAIL', wanted.email),
    name: oneLine(wanted.name),
    formerNames: [],
    role: wanted.role,
    unitIds: wanted.scope === null ? null : [...wanted.scope],
    passwordHash: wanted.password === undefined ? null : await hashPassword(wanted.password),
    totp: null,
    recoveryCodes: [],
    passkeys: [],
    oidc: null,
    invitation: null,
    isActive: true,
    epoch: 0,
    createdAt: clock(),
    lastSignInAt: null,
  };
  try {
    await models.users.create(user);
  } catch (error) {
    if (isDuplicateKey(error))
      throw new DomainError('INVALID_FORM', `${user.email} has an account already.`, { cause: error });
    throw error;
  }
  return user;
}

/**
 * Converts the addresses of accounts that an older release stored as typed to Unicode NFC, which sign-in uses. If two accounts are one address after
 * that, the second keeps its spelling. An admin can close it.
 */
export async function composeUserAddresses({ users }: Pick<Models, 'users'>): Promise<void> {
  for (const { _id, email } of await users.find({}, { email: 1 }).lean<Pick<User, '_id' | 'email'>[]>()) {
    if (composedAddress(email) === email) continue;
    await users
      .updateOne({ _id, email }, { $set: { email: composedAddress(email) } })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
  }
}

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
