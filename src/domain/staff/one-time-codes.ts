/**
 * One-time codes of an authenticator app (TOTP, RFC 6238): set-up, confirmation by a first code, and checking. Recovery codes, for a user whose
 * telephone is lost: ten, shown once, each valid once.
 */
import { trusted } from 'mongoose';
import { generateSecret, generateURI, verify } from 'otplib';
import type { Config } from '../../config.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { derivedKey, seal, unseal } from './secrets.js';
import { createHash, randomBytes } from 'node:crypto';

export interface CodeDeps {
  config: Pick<Config, 'subscriberIdKey' | 'baseUrl'>;
  models: Pick<Models, 'users'>;
  clock: () => Date;
}

/** RFC 6238, section 5.2: one time step before and one after, for clocks that differ and people who type slowly. */
const toleranceSeconds = 30;

/** Whether a second step follows the password. */
export function hasOneTimeCodes(user: Pick<User, 'totp'>): boolean {
  return Boolean(user.totp?.confirmedAt);
}

/** Creates a secret that takes effect with its first right code. It changes nothing if codes are in use already. */
export async function beginOneTimeCodes({ config, models }: CodeDeps, userId: string): Promise<void> {
  const secret = seal(keyOf(config), userId, generateSecret());
  await models.users.updateOne(
    { _id: userId, 'totp.confirmedAt': null },
    { $set: { totp: { secret, confirmedAt: null, lastStep: 0 } } },
  );
}

/** What an app needs: the secret in groups of four, and the URI for a QR code. Null if no secret waits for its first code. */
export function setUpOf(
  { config }: Pick<CodeDeps, 'config'>,
  user: Pick<User, '_id' | 'email' | 'totp'>,
): { secret: string; uri: string } | null {
  if (!user.totp || user.totp.confirmedAt) return null;
  const secret = unseal(keyOf(config), user._id, user.totp.secret);
  const issuer = `Sayso ${new URL(config.baseUrl).hostname}`;
  return {
    secret: secret.match(/.{1,4}/g)?.join(' ') ?? secret,
    uri: generateURI({ issuer, label: user.email, secret }),
  };
}

/**
 * Accepts the first code, which proves that the app has the secret.
 * @returns the recovery codes, to be shown once; null if the code is wrong
 */
export async function confirmOneTimeCodes(
  deps: CodeDeps,
  user: Pick<User, '_id' | 'totp'>,
  code: string,
): Promise<string[] | null> {
  if (!user.totp || user.totp.confirmedAt) return null;
  const step = await stepOf(deps, user, code);
  if (step === null) return null;
  const recoveryCodes = newRecoveryCodes();
  const result = await deps.models.users.updateOne(
    { _id: user._id, 'totp.secret': user.totp.secret, 'totp.confirmedAt': null },
    {
      $set: {
        'totp.confirmedAt': deps.clock(),
        'totp.lastStep': step,
        recoveryCodes: recoveryCodes.map(hashOfRecoveryCode),
      },
    },
  );
  return result.modifiedCount === 1 ? recoveryCodes : null;
}

/** Whether a code is right and unused. Of two concurrent requests with the same code, one succeeds (RFC 6238, section 5.2). */
export async function acceptOneTimeCode(
  deps: CodeDeps,
  user: Pick<User, '_id' | 'totp'>,
  code: string,
): Promise<boolean> {
  if (!hasOneTimeCodes(user)) return false;
  const step = await stepOf(deps, user, code);
  if (step === null) return false;
  const result = await deps.models.users.updateOne(
    { _id: user._id, 'totp.lastStep': trusted({ $lt: step }) },
    { $set: { 'totp.lastStep': step } },
  );
  return result.modifiedCount === 1;
}

/** Removes the second step and its recovery codes. */
export async function removeOneTimeCodes(
  { models }: Pick<CodeDeps, 'models'>,
  userId: string,
): Promise<void> {
  await models.users.updateOne({ _id: userId }, { $set: { totp: null, recoveryCodes: [] } });
}

/** The time step of a code, within the tolerance. */
async function stepOf(
  { config, clock }: Pick<CodeDeps, 'config' | 'clock'>,
  { _id, totp }: Pick<User, '_id' | 'totp'>,
  code: string,
): Promise<number | null> {
  const token = code.replaceAll(/\s/g, '');
  if (!totp || !/^\d{6}$/.test(token)) return null;
  const result = await verify({
    secret: unseal(keyOf(config), _id, totp.secret),
    token,
    epoch: Math.floor(clock().getTime() / 1000),
    epochTolerance: toleranceSeconds,
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

function keyOf(config: Pick<Config, 'subscriberIdKey'>): Buffer {
  return derivedKey(config, 'one-time codes');
}

const many = 10;
/** Crockford's base 32, which has no letters that look like digits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten codes of 80 random bits, in groups that are easy to copy by hand. */
function newRecoveryCodes(): string[] {
  return Array.from({ length: many }, () => {
    const letters = [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join('');
    return letters.match(/.{4}/g)?.join('-') ?? letters;
  });
}

/** The stored form. 80 random bits need no slow hash. Case, spaces and dashes are ignored; O counts as 0, I and L as 1. */
export function hashOfRecoveryCode(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return createHash('sha256').update(plain).digest('base64url');
}

/** Whether a code belongs to the account. The same write removes it, so it works once. */
export async function acceptRecoveryCode(
  { models }: { models: Pick<Models, 'users'> },
  userId: string,
  code: string,
): Promise<boolean> {
  const hash = hashOfRecoveryCode(code);
  const result = await models.users.updateOne(
    { _id: userId, recoveryCodes: hash },
    { $pull: { recoveryCodes: hash } },
  );
  return result.modifiedCount === 1;
}

/** Replaces the codes by ten new ones. @returns them, to be shown once */
export async function renewRecoveryCodes(
  { models }: { models: Pick<Models, 'users'> },
  userId: string,
): Promise<string[]> {
  const codes = newRecoveryCodes();
  await models.users.updateOne({ _id: userId }, { $set: { recoveryCodes: codes.map(hashOfRecoveryCode) } });
  return codes;
}
