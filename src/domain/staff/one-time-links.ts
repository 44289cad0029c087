/** One-time links with which a user chooses a password: an invitation, or account recovery. */
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { hashOfLinkToken, newLinkToken } from './secrets.js';
import { endSessionsOf } from './open-sessions.js';
import { hashPassword } from './passwords.js';

interface LinkDeps {
  models: Pick<Models, 'users' | 'sessions'>;
  clock: () => Date;
}

/** Lifetime of a link, in hours. */
export const linkHours = 48;

/**
 * Creates the link of an account in place of an earlier one. Nothing else changes until the link is used.
 * @param options `removesCodes` also removes one-time codes and passkeys when the link is used, for a lost telephone
 * @returns its token, to be shown once
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

/** The user of a link; null if the link is unknown or expired, or the account is closed. */
export async function userOfLink({ models, clock }: LinkDeps, token: string): Promise<User | null> {
  const user = await models.users.findOne({ 'invitation.hash': hashOfLinkToken(token) }).lean<User>();
  return user?.isActive && user.invitation && user.invitation.until > clock() ? user : null;
}

/**
 * Sets the chosen password and ends all sessions.
 * @returns false if the link was used or replaced in the meantime
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
