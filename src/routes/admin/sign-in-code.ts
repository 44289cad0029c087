/** The second step of signing in, for accounts with one-time codes: a code of the app, or a recovery code. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { acceptOneTimeCode, acceptRecoveryCode } from '../../domain/staff/one-time-codes.js';
import type { User } from '../../models/user.js';
import { auditRefusal } from './audit-by.js';
import { outside, saying } from './frame.js';
import { doorForm, sendDoor } from './kit/signed-out-page.js';
import type { GroupPlan } from './kit/fields.js';
import { codeField } from './one-time-codes.js';
import { textOf, type FieldFault } from './form.js';
import { guesserOf } from './known-device.js';
import { openGet, openPost, type AdminRoute } from './route.js';
import { tryGuess, type GuessRefusal } from './try-guess.js';
import { letIn, whoIsHalfIn } from './who.js';
import { present } from './present.js';

const wrongCode = 'This code is wrong or already used. Wait for the next one and enter that.';
const wrongRecoveryCode = 'This recovery code is wrong or already used.';

type Way = 'one-time code' | 'recovery code';

function groupsOf({ recoveryCodes }: User): GroupPlan[] {
  return present([
    {
      fields: [
        {
          ...codeField,
          isAlternative: true,
          hint: 'The six digits that your authenticator app shows for Sayso now.',
        },
      ],
    },
    recoveryCodes.length > 0 && {
      legend: 'No access to your phone?',
      isFolded: true,
      fields: [
        {
          kind: 'text' as const,
          name: 'recovery',
          label: 'Recovery code',
          isAlternative: true,
          autocomplete: 'off',
          most: 40,
          hint: 'One of the ten codes that you saved during set-up. Each works once.',
        },
      ],
    },
  ]);
}

export function signInCodeRoutes(deps: Deps): AdminRoute[] {
  const page = (response: Response, user: User, faults: FieldFault[] = [], status = 200) => {
    const form = doorForm(
      groupsOf(user),
      { texts: {}, faults },
      { action: adminPaths.signInCode(), button: 'Sign in' },
    );
    const link = { href: adminPaths.signIn(), text: 'Start again' };
    sendDoor(deps, response, { title: 'One more step', panels: [{ form }, { link }], faults, status });
  };
  const beginAgain = (request: Request, response: Response) =>
    response.redirect(303, saying(outside(deps, request), adminPaths.signIn(), 'code-late'));
  return [
    openGet(adminPatterns.signInCode, async (request, response) => {
      const half = await whoIsHalfIn(deps, request);
      if (!half) return beginAgain(request, response);
      page(response, half.user);
    }),
    openPost(adminPatterns.signInCode, async (request, response) => {
      const half = await whoIsHalfIn(deps, request);
      if (!half) return beginAgain(request, response);
      const recovery = textOf(request, 'recovery', 60);
      const way: Way = recovery ? 'recovery code' : 'one-time code';
      const href = recovery ? '#recovery' : '#code';
      const code = recovery || textOf(request, 'code', 60);
      const tried = await tryCode(deps, request, response, { user: half.user, way, code });
      if ('refusal' in tried) {
        const { status, text } = tried.refusal;
        return page(response, half.user, [{ text, href: status === 422 ? href : '' }], status);
      }
      await letIn(deps, request, response, half.user, `password, ${way}`);
      response.redirect(303, half.next || adminPaths.dashboard());
    }),
  ];
}

async function tryCode(
  deps: Deps,
  request: Request,
  response: Response,
  { user, way, code }: { user: User; way: Way; code: string },
): Promise<{ right: true } | { refusal: GuessRefusal }> {
  const isRecovery = way === 'recovery code';
  const accept = () =>
    isRecovery ? acceptRecoveryCode(deps, user._id, code) : acceptOneTimeCode(deps, user, code);
  return tryGuess(
    deps,
    response,
    { what: 'code', guesser: await guesserOf(deps, request, user), account: user._id },
    async () => ((await accept()) ? true : null),
    {
      wrong: isRecovery ? wrongRecoveryCode : wrongCode,
      name: way,
      refused: (why) => auditRefusal(deps, request, user, why),
    },
  );
}
