/** Signing in with a password, and signing out. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { isPassword } from '../../domain/staff/passwords.js';
import type { User } from '../../models/user.js';
import { patterns } from '../../paths.js';
import type { Panel } from '../../views/admin-form-page.js';
import type { AdminNotice } from '../../views/admin-frame.js';
import { auditBy, auditRefusal } from './audit-by.js';
import { outside, sayingOf, type Sayings } from './frame.js';
import { guesserOf } from './known-device.js';
import { otherWaysIn, sayingsOfOtherWays } from './passwordless-sign-in.js';
import { openGet, openPost, post, type AdminRoute } from './route.js';
import { doorForm, sendDoor } from './kit/signed-out-page.js';
import type { GroupPlan } from './kit/fields.js';
import { textOf, type FieldFault } from './form.js';
import { sessionCookieName } from './session.js';
import { tryGuess, type GuessRefusal } from './try-guess.js';
import { beginHalfSession, endSession, letIn, whoIsThere } from './who.js';

/** The same for an unknown address, a wrong password and a closed account. */
const wrongPassword = 'The e-mail address or the password is wrong.';

const sayings: Sayings = {
  ...sayingsOfOtherWays,
  'form-kept': {
    tone: 'warn',
    strong: 'Your session has ended, and nothing was sent.',
    sentence: 'Your input is kept for an hour. Sign in to see it again.',
  },
  'session-ended': {
    tone: 'warn',
    strong: 'Your session has ended.',
    sentence: 'Nothing was changed. Please sign in again.',
  },
  'password-set': { tone: 'good', strong: 'Your password is set.', sentence: 'Sign in with it now.' },
  'set-up': {
    tone: 'good',
    strong: 'The first account is created.',
    sentence: 'Sign in with your address and the password that you chose.',
  },
  'code-late': {
    tone: 'warn',
    strong: 'That took too long.',
    sentence: 'For safety, please begin again with your password.',
  },
};

const groups: readonly GroupPlan[] = [
  {
    fields: [
      { kind: 'email', name: 'email', label: 'E-mail', isRequired: true, autocomplete: 'username' },
      {
        kind: 'password',
        name: 'password',
        label: 'Password',
        isRequired: true,
        autocomplete: 'current-password',
      },
    ],
  },
];

const lostPassword: Panel = {
  heading: 'Forgot your password?',
  sentences: [
    'Ask an administrator for a one-time link: Settings, Users, your name.',
    'If you are the only administrator, run `sayso user reset` with your address on the server. It prints such a link.',
  ],
};

export function signInRoutes(deps: Deps): AdminRoute[] {
  const page = (
    response: Response,
    {
      email,
      next,
      faults = [],
      ...shown
    }: { email: string; next: string; status?: number; faults?: FieldFault[]; notice?: AdminNotice },
  ) => {
    const hidden = [{ name: 'next', value: next }];
    const form = doorForm(
      groups,
      { texts: { email }, faults },
      { action: adminPaths.signIn(), button: 'Sign in', hidden },
    );
    const panels = [{ form }, ...otherWaysIn(deps.config, next), lostPassword];
    sendDoor(deps, response, { title: 'Sign in', panels, faults, ...shown });
  };
  return [
    openGet(adminPatterns.signIn, async (request, response) => {
      const next = nextOf(request.query['next']);
      const said = sayingOf(sayings, outside(deps, request));
      // A page with a message is shown: it may be about another account, such as a password that was just set.
      if (!said.notice && (await whoIsThere(deps, request)))
        return response.redirect(303, next || adminPaths.dashboard());
      page(response, { email: '', next, ...said });
    }),
    openPost(adminPatterns.signIn, async (request, response) => {
      const typed = textOf(request, 'email', 320);
      const email = addressOrNull('EMAIL', typed) ?? typed.trim().toLowerCase();
      const next = nextOf(textOf(request, 'next', 2000));
      const password = textOf(request, 'password', 2000);
      const tried = await userBy(deps, request, response, { email, password });
      if ('refusal' in tried) {
        const { status, text } = tried.refusal;
        // Too many tries reveal nothing about the address.
        return page(response, {
          email,
          next,
          status,
          faults: [{ text, href: status === 422 ? '#email' : '' }],
        });
      }
      const user = tried.right;
      if (hasOneTimeCodes(user)) {
        await beginHalfSession(deps, request, user, next);
        return response.redirect(303, adminPaths.signInCode());
      }
      await letIn(deps, request, response, user, 'password');
      response.redirect(303, next || adminPaths.dashboard());
    }),
    post(adminPatterns.signOut, { may: 'signed-in', about: 'own' }, async (ask, response) => {
      await endSession(ask.request);
      await auditBy(deps, ask, { kind: 'SIGNED_OUT' });
      response.clearCookie(sessionCookieName(deps.config), {
        path: '/',
        secure: deps.config.baseUrl.startsWith('https:'),
      });
      response.redirect(303, adminPaths.signIn());
    }),
  ];
}

/** Finds the user. An unknown address costs the same count, the same hash and the same audit entry as a known one. */
async function userBy(
  deps: Deps,
  request: Request,
  response: Response,
  { email, password }: { email: string; password: string },
): Promise<{ right: User } | { refusal: GuessRefusal }> {
  const user = await deps.models.users.findOne({ email }).lean<User>();
  const guesser = await guesserOf(deps, request, user);
  return tryGuess(
    deps,
    response,
    { what: 'password', guesser, account: email },
    async () => ((await isPassword(user?.isActive ? user.passwordHash : null, password)) ? user : null),
    { wrong: wrongPassword, name: 'password', refused: (why) => auditRefusal(deps, request, user, why) },
  );
}

const signInPath = new RegExp(`^${patterns.admin}/sign-(?:in|out)(?:[/?]|$)`);

/** Accepts only paths of admin pages, so that a link cannot lead users elsewhere after the sign-in, nor back to it. */
export function nextOf(asked: unknown): string {
  const isPath =
    typeof asked === 'string' &&
    new RegExp(`^${patterns.admin}(?:[/?][\\w\\-./?=&%:,+~]*)?$`).test(asked) &&
    !signInPath.test(asked);
  if (!isPath) return '';
  // Browsers resolve dot segments, also encoded ones, so such a path would lead elsewhere.
  const { pathname, search } = new URL(asked, 'https://portal.invalid');
  return pathname + search === asked ? asked : '';
}
