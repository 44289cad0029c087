/** Signing in with a passkey. It verifies the user by fingerprint, face or PIN, so it counts as both factors. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { passkeyPlaceOf, passkeyToShow, whoseAnswer } from '../../domain/staff/passkeys.js';
import type { PasskeyOutcome } from '../../domain/staff/passkeys.js';
import { DomainError } from '../../errors.js';
import { limitOf } from '../middleware/rate-limit.js';
import { auditRefusal } from './audit-by.js';
import { textOf } from './form.js';
import { outside, saying } from './frame.js';
import { deviceOrNetwork } from './known-device.js';
import { keepChallenge, takeChallenge } from './passkey-challenge.js';
import { openPost, type AdminRoute } from './route.js';
import { nextOf } from './sign-in.js';
import { letIn } from './who.js';

/** Details for the audit log. The page says the same in all cases. */
const reasons: Readonly<Record<Extract<PasskeyOutcome, { why: string }>['why'], string>> = {
  unknown: 'unknown passkey',
  closed: 'passkey of a closed account',
  counter: 'passkey with an old counter: it may have been copied',
  invalid: 'passkey with an invalid answer',
};

export function passkeySignInRoutes(deps: Deps): AdminRoute[] {
  const limit = limitOf(deps, { name: 'passkey', most: 60, seconds: 600 });
  const back = (request: Request, response: Response, next: string, said: string) =>
    response.redirect(303, saying(outside(deps, request), adminPaths.signIn({ next }), said));
  return [
    openPost(adminPatterns.passkeySignInChallenges, async (request, response) => {
      const place = passkeyPlaceOf(deps.config);
      if (!place) throw new DomainError('NOT_FOUND');
      await limit(await deviceOrNetwork(deps, request));
      const options = await passkeyToShow(place);
      await keepChallenge(deps, request, 'sign-in', options.challenge);
      response.json(options);
    }),
    openPost(adminPatterns.passkeySignIns, async (request, response) => {
      const place = passkeyPlaceOf(deps.config);
      if (!place) throw new DomainError('NOT_FOUND');
      const next = nextOf(textOf(request, 'next', 2000));
      const challenge = await takeChallenge(deps, request, 'sign-in');
      if (challenge === null) return back(request, response, next, 'passkey-late');
      const answer = textOf(request, 'credential', 40_000);
      const outcome = await whoseAnswer(deps, place, { challenge, answer });
      if (!outcome.user) {
        await auditRefusal(deps, request, outcome.about, reasons[outcome.why]);
        return back(request, response, next, 'passkey-refused');
      }
      await letIn(deps, request, response, outcome.user, 'passkey');
      response.redirect(303, next || adminPaths.dashboard());
    }),
  ];
}
