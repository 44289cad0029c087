/** The fields for a new password, which is typed twice. */
import type { Request } from 'express';
import { faultOfPassword, shortestPassword } from '../../domain/staff/passwords.js';
import type { PasswordDeps } from '../../domain/staff/passwords.js';
import { textOf } from './form.js';
import type { FieldFault } from './form.js';

export const passwordHint = `At least ${shortestPassword} characters. Four words that have nothing to do with each other are easy to remember and hard to guess.`;

/** Reads the fields `next` and `again`, with their faults. @param about the user of the password */
export async function newPasswordIn(
  deps: PasswordDeps,
  request: Pick<Request, 'body'>,
  about: { email: string; name: string },
): Promise<{ password: string; faults: FieldFault[] }> {
  const password = textOf(request, 'next', 2000);
  const unfit = await faultOfPassword(deps, password, about);
  if (unfit) return { password, faults: [{ text: unfit, href: '#next' }] };
  const isSame = textOf(request, 'again', 2000) === password;
  const text = 'The two new passwords are not the same.';
  return { password, faults: isSame ? [] : [{ text, href: '#again' }] };
}
