/** Names of those who act, for pages that show references: `user:<id>`, `key:<id>`. */
import { trusted } from 'mongoose';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';

/**
 * Looks up who is meant.
 * @param refs of events and audit entries; what is no account is left out
 * @returns names by reference; an account that is gone has none
 */
export async function staffNames(
  { models }: { models: Pick<Models, 'users'> },
  refs: Iterable<string | null | undefined>,
): Promise<Map<string, string>> {
  const ids = new Set([...refs].flatMap((ref) => (ref?.startsWith('user:') ? [ref.slice(5)] : [])));
  if (ids.size === 0) return new Map();
  const users = await models.users
    .find({ _id: trusted({ $in: [...ids] }) }, { name: 1 })
    .lean<Pick<User, '_id' | 'name'>[]>();
  return new Map(users.map(({ _id, name }) => [`user:${_id}`, name]));
}
