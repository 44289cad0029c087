/** Creates accounts of the staff. */
import { randomBytes } from 'node:crypto';
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import type { Scope } from '../../vocabulary/scope.js';
import { composedAddress } from '../consent/address.js';
import { readAddress } from '../consent/read-address.js';
import type { Role } from '../../vocabulary/access.js';
import { hashPassword } from './passwords.js';

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
    _id: randomBytes(9).toString('base64url'),
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
