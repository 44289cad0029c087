/** Signing in with a password, the first step, and out again. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { guess } from '../../domain/staff/guessing.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { isPassword } from '../../domain/staff/passwords.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { patterns } from '../../paths.js';
import { networkOf } from '../middleware/network-of.js';
import { auditBy, auditRefusal } from './audit-by.js';
import { outsideFrame, sayingOf } from './frame.js';
import type { Sayings } from './frame.js';
import { otherWaysIn, sayingsOfOtherWays } from './other-ways-in.js';
import type { AdminRoute } from './route.js';
import { textOf } from './form.js';
import { sessionCookieName } from './session.js';
import { beginHalfSession, endSession, letIn } from './who.js';

/** The same for an address that nobody has, a wrong password, and an account that was closed. */
const refusal = 'The e-mail address and the password do not belong together.';

/** The same whether there is such an account or not. */
export const tooManyTries =
  'There were too many tries. For safety nothing is looked at now; please try again in a quarter of an hour.';

const sayings: Sayings = {
  ...sayingsOfOtherWays,
  'password-set': { tone: 'good', strong: 'Your password is set.', sentence: 'Sign in with it now.' },
  'set-up': {
    tone: 'good',
    strong: 'The first account is made.',
    sentence: 'Sign in with your address and the password that you chose.',
  },
  'code-late': {
    tone: 'warn',
    strong: 'That took too long.',
    sentence: 'For safety, please begin again with your password.',
  },
};

export function signInRoutes(deps: Deps): AdminRoute[] {
  const page = (
    response: Response,
    status: number,
    fields: { email: string; next: string; fault?: string; said?: unknown },
  ) =>
    void response.status(status).send(
      deps.views.page('admin-sign-in', {
        ...outsideFrame('Sign in'),
        ...sayingOf(sayings, fields.said),
        action: adminPaths.signIn(),
        ...otherWaysIn(deps.config, fields.next),
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
      handle: ({ query }, response) =>
        page(response, 200, { email: '', next: nextOf(query['next']), said: query['said'] }),
    },
    {
      method: 'POST',
      path: adminPatterns.signIn,
      may: 'anyone',
      about: 'nothing',
      handle: async (request, response) => {
        const typed = textOf(request, 'email', 320);
        const email = addressOrNull('EMAIL', typed) ?? typed.trim().toLowerCase();
        const next = nextOf(textOf(request, 'next', 2000));
        const found = await userBy(deps, request, email, textOf(request, 'password', 2000));
        if (found === 'TOO_MANY') return page(response, 429, { email, next, fault: tooManyTries });
        if (!found) return page(response, 422, { email, next, fault: refusal });
        if (hasOneTimeCodes(found)) {
          await beginHalfSession(deps, request, found, next);
          return response.redirect(303, adminPaths.signInCode());
        }
        await letIn(deps, request, found, 'password');
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
        await auditBy(deps, ask, { kind: 'SIGNED_OUT' });
        response.clearCookie(sessionCookieName(deps.config), {
          path: '/',
          secure: deps.config.baseUrl.startsWith('https:'),
        });
        response.redirect(303, adminPaths.signIn());
      },
    },
  ];
}

/** Whose address and password these are. An address that nobody has costs the same count, the same hash and the same entry of the audit log. */
async function userBy(
  deps: Deps,
  request: Request,
  email: string,
  password: string,
): Promise<User | null | 'TOO_MANY'> {
  const network = networkOf(request.ip ?? '');
  const user = await deps.models.users.findOne({ email }).lean<User>();
  const refused = (why: string) => auditRefusal(deps, request, user, why);
  try {
    const right = await guess(deps, { what: 'password', network, account: email }, async () =>
      (await isPassword(user?.isActive ? user.passwordHash : null, password)) ? user : null,
    );
    if (!right) await refused('password');
    return right;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'TOO_MANY_REQUESTS') throw error;
    await refused('too many tries');
    return 'TOO_MANY';
  }
}

/** Only a page of the staff's own: anything else would let a link send people elsewhere after they signed in. */
export function nextOf(asked: unknown): string {
  return typeof asked === 'string' &&
    new RegExp(`^${patterns.admin}(?:[/?][\\w\\-./?=&%:,+~]*)?$`).test(asked)
    ? asked
    : '';
}
