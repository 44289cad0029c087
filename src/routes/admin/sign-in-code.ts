/** The second step of signing in, where an account has one-time codes: a code of the app, or a recovery code. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { guess } from '../../domain/staff/guessing.js';
import { acceptOneTimeCode } from '../../domain/staff/one-time-codes.js';
import { acceptRecoveryCode } from '../../domain/staff/recovery-codes.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import { auditRefusal } from './audit-by.js';
import { outsideFrame, saying } from './frame.js';
import { textOf } from './form.js';
import type { AdminRoute } from './route.js';
import { tooManyTries } from './sign-in.js';
import { letIn, whoIsHalfIn } from './who.js';

const wrongCode = 'That code is not right, or it was used already. Wait for the next one and type that.';
const wrongRecoveryCode = 'That recovery code is not right, or it was used already.';

type Way = 'one-time code' | 'recovery code';

export function signInCodeRoutes(deps: Deps): AdminRoute[] {
  const page = (response: Response, status: number, user: User, fault?: { text: string; href: string }) =>
    void response.status(status).send(
      deps.views.page('admin-sign-in-code', {
        ...outsideFrame('One more step'),
        action: adminPaths.signInCode(),
        backHref: adminPaths.signIn(),
        hasRecoveryCodes: user.recoveryCodes.length > 0,
        isRecovery: fault?.href === '#recovery',
        faults: fault ? [fault] : [],
      }),
    );
  const beginAgain = (response: Response) => response.redirect(303, saying(adminPaths.signIn(), 'code-late'));
  return [
    {
      method: 'GET',
      path: adminPatterns.signInCode,
      may: 'anyone',
      about: 'nothing',
      handle: async (request, response) => {
        const half = await whoIsHalfIn(deps, request);
        if (!half) return beginAgain(response);
        page(response, 200, half.user);
      },
    },
    {
      method: 'POST',
      path: adminPatterns.signInCode,
      may: 'anyone',
      about: 'nothing',
      handle: async (request, response) => {
        const half = await whoIsHalfIn(deps, request);
        if (!half) return beginAgain(response);
        const recovery = textOf(request, 'recovery', 60);
        const way: Way = recovery ? 'recovery code' : 'one-time code';
        const href = recovery ? '#recovery' : '#code';
        const outcome = await tryCode(deps, request, half.user, way, recovery || textOf(request, 'code', 60));
        if (outcome === 'TOO_MANY') return page(response, 429, half.user, { text: tooManyTries, href });
        if (!outcome)
          return page(response, 422, half.user, { text: recovery ? wrongRecoveryCode : wrongCode, href });
        await letIn(deps, request, half.user, `password, ${way}`);
        response.redirect(303, half.next || adminPaths.overview());
      },
    },
  ];
}

async function tryCode(
  deps: Deps,
  request: Request,
  user: User,
  way: Way,
  code: string,
): Promise<boolean | 'TOO_MANY'> {
  const network = networkOf(request.ip ?? '');
  const refused = (why: string) => auditRefusal(deps, request, user, why);
  const accept = () =>
    way === 'recovery code' ? acceptRecoveryCode(deps, user._id, code) : acceptOneTimeCode(deps, user, code);
  try {
    const isRight = await guess(deps, { what: 'code', network, account: user._id }, async () =>
      (await accept()) ? true : null,
    );
    if (!isRight) await refused(way);
    return isRight ?? false;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'TOO_MANY_REQUESTS') throw error;
    await refused('too many tries');
    return 'TOO_MANY';
  }
}
