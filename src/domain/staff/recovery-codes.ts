/** Recovery codes: the way in for somebody whose telephone is lost. Ten, shown once, each good once. */
import { createHash, randomBytes } from 'node:crypto';
import type { Models } from '../../models/index.js';

const many = 10;
/** Crockford's base 32: no letter that is taken for a figure. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten codes of 80 random bits, in groups that can be copied by hand. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: many }, () => {
    const letters = [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join('');
    return letters.match(/.{4}/g)?.join('-') ?? letters;
  });
}

/** As it is kept: 80 random bits need no slow hash. Case, spaces and dashes do not count, and O is 0, I and L are 1. */
export function hashOfRecoveryCode(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return createHash('sha256').update(plain).digest('base64url');
}

/** Whether a code is one of the account's; it is taken away in the same write, so it works once. */
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

/** Makes ten new ones; the old ones are worth nothing. @returns them, to be shown this once */
export async function renewRecoveryCodes(
  { models }: { models: Pick<Models, 'users'> },
  userId: string,
): Promise<string[]> {
  const codes = newRecoveryCodes();
  await models.users.updateOne({ _id: userId }, { $set: { recoveryCodes: codes.map(hashOfRecoveryCode) } });
  return codes;
}
