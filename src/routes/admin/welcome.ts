/** Pages of one-time links: choosing a password by an invitation or for recovery, and creating the first account by the set-up link. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../vocabulary/access.js';
import { recordAudit, type AuditWish } from '../../domain/staff/audit.js';
import { acceptOneTimeLink, userOfLink } from '../../domain/staff/one-time-links.js';
import { isSetUpLink } from '../../domain/staff/set-up-link.js';
import { setUp } from '../../domain/staff/set-up.js';
import { DomainError } from '../../errors.js';
import { networkOf } from '../middleware/network-of.js';
import type { FieldFault } from './form.js';
import { outside, outsideFrame, saying } from './frame.js';
import { checkDoor, doorForm, sendDoor } from './kit/signed-out-page.js';
import type { GroupPlan, Texts } from './kit/fields.js';
import { emailSchema, nameSchema, passwordFields, passwordSchema } from './own-fields.js';
import { rememberDevice } from './known-device.js';
import { openGet, openPost, type AdminRoute } from './route.js';

const passwordGroups: readonly GroupPlan[] = [{ fields: passwordFields('Password') }];
const setUpGroups: readonly GroupPlan[] = [
  {
    fields: [
      { kind: 'text', name: 'name', label: 'Your name', isRequired: true, autocomplete: 'name', most: 120 },
      {
        kind: 'email',
        name: 'email',
        label: 'E-mail',
        isRequired: true,
        autocomplete: 'username',
        hint: 'You sign in with it.',
      },
      ...passwordFields('Password'),
    ],
  },
];

export function welcomeRoutes(deps: Deps): AdminRoute[] {
  return [
    openGet(adminPatterns.welcome, (request, response) => welcome(deps, request, response)),
    openPost(adminPatterns.welcome, (request, response) => acceptWelcome(deps, request, response)),
    openGet(adminPatterns.setUp, async (request, response) => {
      if (!(await isSetUpLink(deps, tokenOf(request)))) return lost(deps, response);
      showSetUp(deps, request, response, { texts: {}, faults: [] });
    }),
    openPost(adminPatterns.setUp, (request, response) => acceptSetUp(deps, request, response)),
  ];
}

async function welcome(deps: Deps, request: Request, response: Response, faults: FieldFault[] = []) {
  const user = await userOfLink(deps, tokenOf(request));
  if (!user) return lost(deps, response);
  const isNew = user.passwordHash === null;
  const form = doorForm(
    passwordGroups,
    { texts: {}, faults },
    { action: adminPaths.welcome(tokenOf(request)), button: 'Set password', username: user.email },
  );
  sendDoor(deps, response, {
    title: 'Choose a password',
    heading: isNew ? `Welcome, ${user.name}` : 'Choose a new password',
    lead: isNew
      ? `You sign in with ${user.email} and the password that you choose here.`
      : `For ${user.email}. All its sessions end.`,
    panels: [{ form }],
    faults,
  });
}

async function acceptWelcome(deps: Deps, request: Request, response: Response): Promise<void> {
  const user = await userOfLink(deps, tokenOf(request));
  if (!user) return lost(deps, response);
  const checked = await checkDoor(request, passwordGroups, (texts) =>
    z.object(passwordSchema(deps, user, texts)),
  );
  if ('faults' in checked) return welcome(deps, request, response, checked.faults);
  if (!(await acceptOneTimeLink(deps, user, checked.values.next))) return lost(deps, response);
  // The user has proved to own the account here, so guesses of strangers must not block the sign-in.
  await rememberDevice(deps, request, response, user);
  await tell(deps, request, {
    kind: 'PASSWORD_CHANGED',
    by: staffRef({ id: user._id }),
    about: staffRef({ id: user._id }),
    detail: user.invitation?.removesCodes
      ? 'by a one-time link, one-time codes and passkeys removed'
      : 'by a one-time link',
  });
  response.redirect(303, saying(outside(deps, request), adminPaths.signIn(), 'password-set'));
}

async function acceptSetUp(deps: Deps, request: Request, response: Response): Promise<void> {
  const token = tokenOf(request);
  if (!(await isSetUpLink(deps, token))) return lost(deps, response);
  const checked = await checkDoor(request, setUpGroups, (texts) => {
    const { name = '', email = '' } = texts;
    return z.object({
      name: nameSchema,
      email: emailSchema,
      ...passwordSchema(deps, { name, email }, texts),
    });
  });
  if ('faults' in checked) return showSetUp(deps, request, response, checked);
  const { name, email, next: password } = checked.values;
  try {
    const user = await setUp(deps, token, { name, email, password });
    await tell(deps, request, {
      kind: 'USER_CREATED',
      by: staffRef({ id: user._id }),
      about: staffRef({ id: user._id }),
      detail: 'the first, by the set-up link',
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_TOKEN') return lost(deps, response);
    throw error;
  }
  response.redirect(303, saying(outside(deps, request), adminPaths.signIn(), 'set-up'));
}

function showSetUp(
  deps: Deps,
  request: Request,
  response: Response,
  typed: { texts: Texts; faults: FieldFault[] },
): void {
  const form = doorForm(setUpGroups, typed, {
    action: adminPaths.setUp(tokenOf(request)),
    button: 'Create my account',
  });
  sendDoor(deps, response, {
    title: 'Set up Sayso',
    lead: 'There is no account yet. Yours is the first: an admin of all business units, who can invite others.',
    panels: [{ form }],
    faults: typed.faults,
  });
}

/** The same for a used, an expired and an unknown link. */
function lost(deps: Deps, response: Response): void {
  response.status(404).send(
    deps.views.page('admin-message', {
      ...outsideFrame('This link does not work'),
      heading: 'This link does not work any more',
      sentences: [
        'Each link works once, for a limited time. An admin can give you another one.',
        'If you have chosen a password with it, sign in.',
      ],
      links: [{ href: adminPaths.signIn(), text: 'Sign in' }],
    }),
  );
}

function tokenOf({ params }: Request): string {
  const { token } = params;
  return typeof token === 'string' ? token : '';
}

function tell(deps: Deps, request: Request, wish: AuditWish): Promise<void> {
  return recordAudit(deps, { ...wish, from: networkOf(request.ip ?? '') });
}
