/** Asks the signed-in user for the password again, before acts that a thief of the session must not do. */
import type { Response } from 'express';
import type { Deps } from '../../deps.js';
import { isPassword } from '../../domain/staff/passwords.js';
import type { User } from '../../models/user.js';
import type { FieldPlan } from './kit/fields.js';
import { auditOwn } from './audit-by.js';
import type { Ask } from './route.js';
import { tryGuess, type GuessRefusal } from './try-guess.js';

/** The field for it. */
export function ownPasswordField(name: string): FieldPlan {
  return {
    kind: 'password',
    name,
    label: 'Your current password',
    isRequired: true,
    autocomplete: 'current-password',
  };
}

/** Counted apart from guesses at the sign-in, which strangers can use up. @returns the refusal; null if the password is right */
export async function whyNotOwnPassword(
  deps: Deps,
  ask: Ask,
  response: Response,
  user: Pick<User, '_id' | 'passwordHash'>,
  password: string,
): Promise<GuessRefusal | null> {
  const tried = await tryGuess(
    deps,
    response,
    { what: 'password', guesser: { kind: 'OWNER' }, account: user._id },
    async () => ((await isPassword(user.passwordHash, password)) ? true : null),
    {
      wrong: 'Your current password is wrong.',
      name: 'password asked again',
      refused: (detail) => auditOwn(deps, ask, { kind: 'ACCESS_REFUSED', detail }),
    },
  );
  return 'refusal' in tried ? tried.refusal : null;
}
