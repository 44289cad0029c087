/** What members of the staff change about themselves: name and password. */
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

/** What is wrong with a name, in one sentence; null where nothing is. @param name as `oneLine` leaves it */
export function faultOfName(name: string): string | null {
  if (!/[\p{L}\p{N}]/u.test(name))
    return 'A name is needed: it stands beside everything that this account does.';
  if (name.includes('@')) return 'A name has no @: pages show the e-mail address beside it.';
  return name.length > longestName ? `A name has at most ${longestName} characters.` : null;
}

/** An account keeps all names that it had, so their number is bounded. */
const mostNames = 500;

/**
 * Gives an account another name. What it did before keeps the name of that time (decision 0561).
 * @returns what is wrong, in one sentence; null where nothing is
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
