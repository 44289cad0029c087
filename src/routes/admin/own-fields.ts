/** Rules for the fields of a staff account: name, e-mail address and new password, in every form. */
import { z } from 'zod';
import { oneLine } from '../../clean-text.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { faultOfName } from '../../domain/staff/own-account.js';
import { faultOfPassword, shortestPassword, type PasswordDeps } from '../../domain/staff/passwords.js';
import type { FieldPlan, Texts } from './kit/fields.js';

/** A schema of text that a function of the domain checks. @param faultOf a whole sentence, or nothing */
const checked = (faultOf: (text: string) => string | null | Promise<string | null>) =>
  z.string().superRefine(async (text, context) => {
    const fault = await faultOf(text);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  });

export const nameSchema = z.string().overwrite(oneLine).pipe(checked(faultOfName));

export const emailSchema = checked((text) =>
  addressOrNull('EMAIL', text) ? null : 'This is not an e-mail address.',
);

/** @param label of the first of the two fields */
export function passwordFields(label: string): FieldPlan[] {
  const autocomplete = 'new-password';
  return [
    {
      kind: 'password',
      name: 'next',
      label,
      isRequired: true,
      autocomplete,
      hint: `At least ${shortestPassword} characters. Four unrelated words are easy to remember and hard to guess.`,
    },
    { kind: 'password', name: 'again', label: `${label}, again`, isRequired: true, autocomplete },
  ];
}

/** What `passwordFields` must be. @param about the user of the password */
export function passwordSchema(deps: PasswordDeps, about: { email: string; name: string }, texts: Texts) {
  return {
    next: checked((password) => faultOfPassword(deps, password, about)),
    again: checked((password) =>
      password === texts['next'] ? null : 'The two new passwords are not the same.',
    ),
  };
}
