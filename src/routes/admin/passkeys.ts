/** Passkeys of the own account: list, adding and removal. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import {
  addPasskey,
  longestPasskeyName,
  passkeyPlaceOf,
  passkeyToMake,
  removePasskey,
} from '../../domain/staff/passkeys.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { ownUser } from './account.js';
import { auditOwn } from './audit-by.js';
import type { FieldFault } from './form.js';
import { textOf } from './form.js';
import { adminFrame, saying } from './frame.js';
import type { Sayings } from './frame.js';
import { keepChallenge, takeChallenge } from './passkey-challenge.js';
import { whyNotOwnPassword } from './own-password.js';
import type { AdminRoute, Ask } from './route.js';
import { dayOf, momentOf } from '../../vocabulary/words.js';

const noPlace =
  'Passkeys belong to a host name, and browsers offer them over https alone. This portal is reached by a number or without https, so it has none: see BASE_URL.';

const sayings: Sayings = {
  added: { tone: 'good', strong: 'The passkey is added.', sentence: 'You can sign in with it from now on.' },
  removed: {
    tone: 'good',
    strong: 'The passkey is removed.',
    sentence: 'It opens nothing here any more. You may delete it from your device, too.',
  },
};

export function passkeyRoutes(deps: Deps): AdminRoute[] {
  const place = passkeyPlaceOf(deps.config);
  const page = async (ask: Ask, response: Response, status: number, name: string, faults: FieldFault[]) => {
    const user = await ownUser(deps, ask);
    const form = {
      action: adminPaths.passkeys(),
      challenges: adminPaths.passkeyChallenges(),
      ...(user.passwordHash ? { email: user.email } : {}),
    };
    response.status(status).send(
      deps.views.page('admin-passkeys', {
        ...adminFrame(ask, 'account', 'Passkeys', sayings),
        faults,
        name,
        ...(place ? { form } : { why: noPlace }),
        passkeys: user.passkeys.map((passkey) => ({
          name: passkey.name,
          addedAt: dayOf(passkey.addedAt, ask.zone),
          lastUsedAt: passkey.lastUsedAt ? momentOf(passkey.lastUsedAt, ask.zone) : 'not used yet',
          removal: adminPaths.passkeyRemovals(passkey.id),
          isLastWayIn: isLastWayIn(user),
        })),
      }),
    );
  };
  const audited = (ask: Ask, detail: string) => auditOwn(deps, ask, { kind: 'PASSKEY_CHANGED', detail });
  return [
    {
      method: 'GET',
      path: adminPatterns.passkeys,
      may: 'signed-in',
      about: 'own',
      handle: (ask, response) => page(ask, response, 200, '', []),
    },
    {
      // A passkey outlives every session, so a thief of a session must not add one (decision 0482).
      method: 'POST',
      path: adminPatterns.passkeyChallenges,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        if (!place) throw new DomainError('NOT_FOUND');
        const user = await ownUser(deps, ask);
        const refusal = user.passwordHash
          ? await whyNotOwnPassword(deps, ask, response, user, textOf(ask.request, 'present', 2000))
          : null;
        if (refusal) return void response.status(refusal.status).json({ refusal: refusal.text });
        const options = await passkeyToMake(place, user);
        await keepChallenge(deps, ask.request, 'add', options.challenge);
        response.json(options);
      },
    },
    {
      method: 'POST',
      path: adminPatterns.passkeys,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        if (!place) throw new DomainError('NOT_FOUND');
        const name = oneLine(textOf(ask.request, 'name', 200));
        const fault = (text: string) => page(ask, response, 422, name, [{ text, href: '#name' }]);
        const challenge = await takeChallenge(deps, ask.request, 'add');
        if (challenge === null) return fault('That took too long. Please try again.');
        if (name.length > longestPasskeyName)
          return fault(`A passkey's name has at most ${longestPasskeyName} characters.`);
        const answer = textOf(ask.request, 'credential', 40_000);
        try {
          await addPasskey(deps, place, { userId: ask.user.id, name, challenge, answer });
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== 'INVALID_FORM') throw error;
          return fault(error.message);
        }
        await audited(ask, 'added');
        response.redirect(303, saying(ask, adminPaths.passkeys(), 'added'));
      },
    },
    {
      method: 'POST',
      path: adminPatterns.passkeyRemovals,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        const user = await ownUser(deps, ask);
        const passkey = user.passkeys.find(({ id }) => id === ask.request.params['passkey']);
        if (!passkey) throw new DomainError('NOT_FOUND');
        if (isLastWayIn(user))
          return page(ask, response, 422, '', [
            {
              text: 'This passkey is your only way in: set a password, or add another one, first.',
              href: '#passkeys',
            },
          ]);
        await removePasskey(deps, user._id, passkey.id);
        await audited(ask, 'removed');
        response.redirect(303, saying(ask, adminPaths.passkeys(), 'removed'));
      },
    },
  ];
}

/** Whether the account has no other way to sign in than its one passkey. */
function isLastWayIn({ passkeys, passwordHash, oidc }: User): boolean {
  return passkeys.length === 1 && passwordHash === null && oidc === null;
}
