/** What users change on their own account: name and password. */
import { trusted } from 'mongoose';
import { oneLine } from '../../clean-text.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { endSessionsOf } from './open-sessions.js';
import { hashPassword } from './passwords.js';

interface AccountDeps {
  models: Pick<Models, 'users' | 'sessions'>;
}

export const longestName = 120;

/** The fault of a name, as one sentence; null if it is valid. @param name cleaned by `oneLine` */
export function faultOfName(name: string): string | null {
  if (!/[\p{L}\p{N}]/u.test(name))
    return 'Enter a name: pages show it with everything that this account does.';
  // Also the full-width and the small form of the sign.
  if (name.normalize('NFKC').includes('@'))
    return 'A name has no @: pages show the e-mail address beside it.';
  return name.length > longestName ? `A name has at most ${longestName} characters.` : null;
}

/** An account keeps all its former names, so their number has a limit. */
const mostNames = 500;

/**
 * Changes the name of an account. Earlier acts keep the earlier name (decision 0561).
 * @returns the fault, as one sentence; null if the name is changed
 */
export async function changeName(
  { models, clock }: AccountDeps & { clock: () => Date },
  userId: string,
  typed: string,
): Promise<string | null> {
  const name = oneLine(typed);
  const fault = faultOfName(name);
  if (fault) return fault;
  const { matchedCount } = await models.users.updateOne(
    { _id: userId, [`formerNames.${mostNames - 1}`]: trusted({ $exists: false }) },
    [
      {
        $set: {
          name: { $literal: name },
          formerNames: {
            $cond: [
              { $eq: ['$name', { $literal: name }] },
              '$formerNames',
              { $concatArrays: [{ $ifNull: ['$formerNames', []] }, [{ name: '$name', until: clock() }]] },
            ],
          },
        },
      },
    ],
    { updatePipeline: true },
  );
  return matchedCount === 0 ? 'This name was changed too often. An admin can make you a new account.' : null;
}

/**
 * Sets a password, ends all sessions and deletes an open one-time link.
 * @returns the changed account; null if the password was changed elsewhere in the meantime
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
