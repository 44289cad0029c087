/** Pages of one-time links: choosing a password by an invitation or for recovery, and creating the first account by the set-up link. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { staffRef } from '../../vocabulary/access.js';
import { recordAudit } from '../../domain/staff/audit.js';
import type { AuditWish } from '../../domain/staff/audit.js';
import { acceptOneTimeLink, userOfLink } from '../../domain/staff/one-time-links.js';
import { faultOfName } from '../../domain/staff/own-account.js';
import { isSetUpLink } from '../../domain/staff/set-up-link.js';
import { setUp } from '../../domain/staff/set-up.js';
import { DomainError } from '../../errors.js';
import { networkOf } from '../middleware/network-of.js';
import { textOf, wrongOf } from './form.js';
import type { FieldFault } from './form.js';
import { outside, outsideFrame, saying } from './frame.js';
import { rememberDevice } from './known-device.js';
import { newPasswordIn, passwordHint } from './new-password.js';
import type { AdminRoute } from './route.js';

export function welcomeRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.welcome,
      may: 'anyone',
      about: 'nothing',
      handle: (request, response) => welcome(deps, request, response),
    },
    {
      method: 'POST',
      path: adminPatterns.welcome,
      may: 'anyone',
      about: 'nothing',
      handle: (request, response) => acceptWelcome(deps, request, response),
    },
    {
      method: 'GET',
      path: adminPatterns.setUp,
      may: 'anyone',
      about: 'nothing',
      handle: async (request, response) => {
        if (!(await isSetUpLink(deps, tokenOf(request)))) return lost(deps, response);
        showSetUp(deps, request, response, { name: '', email: '' }, []);
      },
    },
    {
      method: 'POST',
      path: adminPatterns.setUp,
      may: 'anyone',
      about: 'nothing',
      handle: (request, response) => acceptSetUp(deps, request, response),
    },
  ];
}

async function welcome(deps: Deps, request: Request, response: Response, faults: FieldFault[] = []) {
  const user = await userOfLink(deps, tokenOf(request));
  if (!user) return lost(deps, response);
  const isNew = user.passwordHash === null;
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-welcome', {
      ...outsideFrame('Choose a password'),
      action: adminPaths.welcome(tokenOf(request)),
      heading: isNew ? `Welcome, ${user.name}` : 'Choose a new password',
      sentence: isNew
        ? `You sign in with ${user.email} and the password that you choose here.`
        : `For ${user.email}. Wherever you are signed in, that ends.`,
      email: user.email,
      hint: passwordHint,
      button: 'Set password',
      faults,
      wrong: wrongOf(faults),
    }),
  );
}

async function acceptWelcome(deps: Deps, request: Request, response: Response): Promise<void> {
  const user = await userOfLink(deps, tokenOf(request));
  if (!user) return lost(deps, response);
  const { password, faults } = await newPasswordIn(deps, request, user);
  if (faults.length > 0) return welcome(deps, request, response, faults);
  if (!(await acceptOneTimeLink(deps, user, password))) return lost(deps, response);
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
  const name = oneLine(textOf(request, 'name'));
  const email = textOf(request, 'email', 320).trim();
  const faults: FieldFault[] = [];
  const nameFault = faultOfName(name);
  if (nameFault) faults.push({ text: nameFault, href: '#name' });
  if (!addressOrNull('EMAIL', email)) faults.push({ text: 'This is not an e-mail address.', href: '#email' });
  const { password, faults: unfit } = await newPasswordIn(deps, request, { name, email });
  faults.push(...unfit);
  if (faults.length > 0) return showSetUp(deps, request, response, { name, email }, faults);
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
  first: { name: string; email: string },
  faults: FieldFault[],
): void {
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-welcome', {
      ...outsideFrame('Set up Sayso'),
      action: adminPaths.setUp(tokenOf(request)),
      heading: 'Set up Sayso',
      sentence:
        'Nobody has an account yet. Yours is the first: it may do everything, and invites the others.',
      first,
      hint: passwordHint,
      button: 'Make my account',
      faults,
      wrong: wrongOf(faults),
    }),
  );
}

/** The same for a used, an expired and an unknown link. */
function lost(deps: Deps, response: Response): void {
  response.status(404).send(
    deps.views.page('admin-message', {
      ...outsideFrame('This link does not work'),
      heading: 'This link does not work any more',
      sentences: [
        'Such a link works once, and not for long. An admin can give you another.',
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
