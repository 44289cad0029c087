/** Recovery codes, for a user whose telephone is lost: ten, shown once, each valid once. */
import { createHash, randomBytes } from 'node:crypto';
import type { Models } from '../../models/index.js';

const many = 10;
/** Crockford's base 32, which has no letters that look like digits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten codes of 80 random bits, in groups that are easy to copy by hand. */
export function newRecoveryCodes(): string[] {
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
