/** Signing in and out with a password. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../domain/staff/access.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { isPassword } from '../../domain/staff/passwords.js';
import type { User } from '../../models/user.js';
import { patterns } from '../../paths.js';
import { networkOf } from '../middleware/network-of.js';
import { outsideFrame } from './frame.js';
import type { AdminRoute } from './route.js';
import { textOf } from './form.js';
import { sessionCookieName } from './session.js';
import { beginSession, endSession } from './who.js';

/** The same for an address that nobody has, a wrong password, and an account that was closed. */
const refusal = 'The e-mail address and the password do not belong together.';

export function signInRoutes(deps: Deps): AdminRoute[] {
  const page = (
    response: Response,
    status: number,
    fields: { email: string; next: string; fault?: string },
  ) =>
    void response.status(status).send(
      deps.views.page('admin-sign-in', {
        ...outsideFrame('Sign in'),
        action: adminPaths.signIn(),
        email: fields.email,
        next: fields.next,
        faults: fields.fault ? [{ text: fields.fault, href: '#email' }] : [],
      }),
    );
  return [
    {
      method: 'GET',
      path: adminPatterns.signIn,
      may: 'anyone',
      about: 'nothing',
      handle: (request, response) => page(response, 200, { email: '', next: nextOf(request.query['next']) }),
    },
    {
      method: 'POST',
      path: adminPatterns.signIn,
      may: 'anyone',
      about: 'nothing',
      handle: async (request, response) => {
        const email = textOf(request, 'email', 320).trim().toLowerCase();
        const next = nextOf(textOf(request, 'next', 2000));
        const user = await signIn(deps, request, email, textOf(request, 'password', 2000));
        if (!user) return page(response, 422, { email, next, fault: refusal });
        response.redirect(303, next || adminPaths.overview());
      },
    },
    {
      method: 'POST',
      path: adminPatterns.signOut,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        await endSession(ask.request);
        await recordAudit(deps, { kind: 'SIGNED_OUT', by: staffRef(ask.user), from: ask.from });
        response.clearCookie(sessionCookieName(deps.config), {
          path: '/',
          secure: deps.config.baseUrl.startsWith('https:'),
        });
        response.redirect(303, adminPaths.signIn());
      },
    },
  ];
}

async function signIn(deps: Deps, request: Request, email: string, password: string): Promise<User | null> {
  const user = await deps.models.users.findOne({ email }).lean<User>();
  const isRight = await isPassword(user?.isActive ? user.passwordHash : null, password);
  const from = networkOf(request.ip ?? '');
  if (!user || !isRight) {
    await recordAudit(deps, {
      kind: 'SIGN_IN_REFUSED',
      from,
      about: user ? `user:${user._id}` : null,
      detail: 'password',
    });
    return null;
  }
  await beginSession(deps, request, user);
  await deps.models.users.updateOne({ _id: user._id }, { $set: { lastSignInAt: deps.clock() } });
  await recordAudit(deps, { kind: 'SIGNED_IN', by: `user:${user._id}`, from, detail: 'password' });
  return user;
}

/** Only a page of the staff's own: anything else would let a link send people elsewhere after they signed in. */
function nextOf(asked: unknown): string {
  return typeof asked === 'string' &&
    new RegExp(`^${patterns.admin}(?:[/?][\\w\\-./?=&%:,+~]*)?$`).test(asked)
    ? asked
    : '';
}
