/** What members of the staff change about themselves: name and password. */
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { endSessionsOf } from './open-sessions.js';
import { hashPassword } from './passwords.js';

interface AccountDeps {
  models: Pick<Models, 'users' | 'sessions'>;
}

export const longestName = 120;

/** What is wrong with a name, in one sentence; null where nothing is. */
export function faultOfName(name: string): string | null {
  if (name === '') return 'A name is needed: it stands beside everything that this account does.';
  return name.length > longestName ? `A name has at most ${longestName} characters.` : null;
}

export async function changeName({ models }: AccountDeps, userId: string, name: string): Promise<void> {
  await models.users.updateOne({ _id: userId }, { $set: { name } });
}

/**
 * Sets a password. Every session ends, and a one-time link that waits is worth nothing any more.
 * @returns the account as it is now; null where its password was changed by somebody else meanwhile
 */
export async function changePassword(
  { models }: AccountDeps,
  { _id, epoch }: Pick<User, '_id' | 'epoch'>,
  password: string,
): Promise<User | null> {
  const passwordHash = await hashPassword(password);
  const user = await models.users
    .findOneAndUpdate(
      { _id, epoch },
      { $set: { passwordHash, invitation: null }, $inc: { epoch: 1 } },
      { returnDocument: 'after' },
    )
    .lean<User>();
  if (user) await endSessionsOf({ models }, _id);
  return user;
}
