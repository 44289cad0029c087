/** One-time links with which somebody of the staff chooses a password: an invitation, or a way back in. */
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { hashOfLinkToken, newLinkToken } from './link-token.js';
import { endSessionsOf } from './open-sessions.js';
import { hashPassword } from './passwords.js';

interface LinkDeps {
  models: Pick<Models, 'users' | 'sessions'>;
  clock: () => Date;
}

/** Hours that a link works. */
export const linkHours = 48;

/**
 * Makes the link of an account; one that was made before is worth nothing any more. Nothing else changes until it is used.
 * @param options `removesCodes` also takes the one-time codes and the passkeys away when it is used: what was on a lost telephone
 * @returns its token, to be shown this once
 */
export async function makeOneTimeLink(
  { models, clock }: LinkDeps,
  userId: string,
  { removesCodes }: { removesCodes: boolean },
): Promise<string> {
  const token = newLinkToken();
  const until = new Date(clock().getTime() + linkHours * 3_600_000);
  await models.users.updateOne(
    { _id: userId },
    { $set: { invitation: { hash: hashOfLinkToken(token), until, removesCodes } } },
  );
  return token;
}

/** Whose link this is; null where it is nobody's, too old, or of an account that was closed. */
export async function userOfLink({ models, clock }: LinkDeps, token: string): Promise<User | null> {
  const user = await models.users.findOne({ 'invitation.hash': hashOfLinkToken(token) }).lean<User>();
  return user?.isActive && user.invitation && user.invitation.until > clock() ? user : null;
}

/**
 * Sets the password that was chosen. All sessions end.
 * @returns false where the link was used, or made anew, in the meantime
 */
export async function acceptOneTimeLink(
  { models }: LinkDeps,
  { _id, invitation }: Pick<User, '_id' | 'invitation'>,
  password: string,
): Promise<boolean> {
  if (!invitation) return false;
  const passwordHash = await hashPassword(password);
  const result = await models.users.updateOne(
    { _id, isActive: true, 'invitation.hash': invitation.hash },
    {
      $set: {
        passwordHash,
        invitation: null,
        ...(invitation.removesCodes ? { totp: null, recoveryCodes: [], passkeys: [] } : {}),
      },
      $inc: { epoch: 1 },
    },
  );
  if (result.modifiedCount === 0) return false;
  await endSessionsOf({ models }, _id);
  return true;
}
