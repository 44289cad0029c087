/** Creates the first account by the set-up link. */
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { readAddress } from '../consent/read-address.js';
import { hashOfLinkToken } from './secrets.js';
import { isSetUpLink, type SetUpDeps } from './set-up-link.js';
import { createUser } from './users.js';

/**
 * Creates the first account, an admin of all business units. One write deletes the links of all processes before, so only one of two concurrent
 * requests creates an account.
 * @throws DomainError `INVALID_TOKEN` if the link does not work any more, `INVALID_ADDRESS`
 */
export async function setUp(
  deps: SetUpDeps,
  token: string,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<User> {
  // Checked before the links are deleted, so that a typing error does not use up the link.
  readAddress('EMAIL', email);
  if (!(await isSetUpLink(deps, token))) throw new DomainError('INVALID_TOKEN');
  const taken = await deps.models.settings.updateOne(
    { _id: 'set-up', 'value.links.hash': hashOfLinkToken(token) },
    { $set: { 'value.links': [] } },
  );
  if (taken.modifiedCount === 0) throw new DomainError('INVALID_TOKEN');
  return createUser(deps, { email, name, role: 'admin', scope: null, password });
}
