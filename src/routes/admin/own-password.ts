/** Asks somebody who is signed in for the password again, before something that a thief of the session must not do. */
import type { Deps } from '../../deps.js';
import { guess } from '../../domain/staff/guessing.js';
import { isPassword } from '../../domain/staff/passwords.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { auditOwn } from './audit-by.js';
import type { Ask } from './route.js';

/** Counted together with the tries at sign-in. @returns why not, in one sentence; null where the password is right */
export async function whyNotOwnPassword(
  deps: Deps,
  ask: Ask,
  user: Pick<User, 'email' | 'passwordHash'>,
  password: string,
): Promise<string | null> {
  const refused = (detail: string) => auditOwn(deps, ask, { kind: 'ACCESS_REFUSED', detail });
  try {
    const isRight = await guess(
      deps,
      { what: 'password', network: ask.from, account: user.email },
      async () => ((await isPassword(user.passwordHash, password)) ? true : null),
    );
    if (isRight) return null;
    await refused('password asked again');
    return 'Your present password is not right.';
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'TOO_MANY_REQUESTS') throw error;
    await refused('password asked again: too many tries');
    return 'There were too many tries. Please try again in a quarter of an hour.';
  }
}
