/** Finds the account of a person who signed in by OpenID Connect. It never creates one. */
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { normaliseAddress } from '../consent/address.js';
import type { OidcPerson } from './oidc.js';

export type OidcOutcome =
  | { user: User; isNewlyBound: boolean }
  | { user?: undefined; about: User | null; why: 'unknown' | 'closed' | 'bound to somebody else' };

/**
 * Finds by issuer and subject, which never change. If no account has them, it finds by the address that the provider has verified, and stores
 * issuer and subject with that account.
 */
export async function accountOfPerson(
  { models }: { models: Pick<Models, 'users'> },
  { issuer, subject, email }: OidcPerson,
): Promise<OidcOutcome> {
  const bound = await models.users.findOne({ 'oidc.issuer': issuer, 'oidc.subject': subject }).lean<User>();
  if (bound) return bound.isActive ? { user: bound, isNewlyBound: false } : { about: bound, why: 'closed' };
  const address = addressOf(email);
  const user = address === null ? null : await models.users.findOne({ email: address }).lean<User>();
  if (!user) return { about: null, why: 'unknown' };
  if (!user.isActive) return { about: user, why: 'closed' };
  const oidc = { issuer, subject };
  const binding = await models.users.updateOne(
    { _id: user._id, oidc: null, isActive: true, email: user.email },
    { $set: { oidc } },
  );
  if (binding.modifiedCount === 0) return { about: user, why: 'bound to somebody else' };
  return { user: { ...user, oidc }, isNewlyBound: true };
}

function addressOf(email: string | null): string | null {
  try {
    return email === null ? null : normaliseAddress('EMAIL', email);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_ADDRESS') return null;
    throw error;
  }
}
