/** The page of the own account: name, password, second step and sessions. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { roleMeanings } from '../../vocabulary/access.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { endOneSession, endSessionsOf, openSessionsOf } from '../../domain/staff/open-sessions.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import { changeName, changePassword } from '../../domain/staff/own-account.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { auditOwn } from './audit-by.js';
import { browserName } from './browser-names.js';
import { textOf, wrongOf } from './form.js';
import type { FieldFault } from './form.js';
import { adminFrame, saying } from './frame.js';
import type { Sayings } from './frame.js';
import { newPasswordIn, passwordHint } from './new-password.js';
import { whyNotOwnPassword } from './own-password.js';
import type { AdminRoute, Ask } from './route.js';
import { storedSessionId } from './session.js';
import { beginSession } from './who.js';
import { counted, dayOf, listOf, momentOf } from '../../vocabulary/words.js';

const sayings: Sayings = {
  name: { tone: 'good', strong: 'Your name is changed.' },
  password: { tone: 'good', strong: 'Your password is changed.', sentence: 'All other sessions have ended.' },
  'codes-removed': {
    tone: 'good',
    strong: 'One-time codes are off.',
    sentence: 'Your password alone signs you in now.',
  },
  ended: { tone: 'good', strong: 'That session has ended.' },
  'others-ended': { tone: 'good', strong: 'All other sessions have ended.' },
};

export function accountRoutes(deps: Deps): AdminRoute[] {
  const again = async (
    ask: Ask,
    response: Response,
    { status = 422, ...shown }: { status?: number; faults: FieldFault[]; name?: string },
  ): Promise<void> =>
    void response.status(status).send(deps.views.page('admin-account', await accountPage(deps, ask, shown)));
  return [
    {
      method: 'GET',
      path: adminPatterns.account,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) =>
        void response.send(deps.views.page('admin-account', await accountPage(deps, ask))),
    },
    {
      method: 'POST',
      path: adminPatterns.accountName,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        const name = textOf(ask.request, 'name');
        const fault = await changeName(deps, ask.user.id, name);
        if (fault) return again(ask, response, { faults: [{ text: fault, href: '#name' }], name });
        await auditOwn(deps, ask, { kind: 'USER_CHANGED', detail: 'own name' });
        response.redirect(303, saying(ask, adminPaths.account(), 'name'));
      },
      showAgain: (ask, response) =>
        again(ask, response, { status: 200, faults: [], name: textOf(ask.request, 'name') }),
    },
    {
      method: 'POST',
      path: adminPatterns.accountPassword,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        const refusal = await changeOwnPassword(deps, ask, response);
        if (refusal) return again(ask, response, refusal);
        response.redirect(303, saying(ask, adminPaths.account(), 'password'));
      },
    },
    {
      method: 'POST',
      path: adminPatterns.endedSessions,
      may: 'signed-in',
      about: 'own',
      handle: async (ask, response) => {
        const session = textOf(ask.request, 'session', 100);
        if (session === '') throw new DomainError('INVALID_FORM');
        const isOthers = session === 'others';
        const own = storedSessionId(ask.request.sessionID);
        if (isOthers) await endSessionsOf(deps, ask.user.id, own);
        else if (session === own || !(await endOneSession(deps, ask.user.id, session)))
          throw new DomainError('NOT_FOUND');
        await auditOwn(deps, ask, { kind: 'SESSION_ENDED', detail: isOthers ? 'all others' : 'one' });
        response.redirect(303, saying(ask, adminPaths.account(), isOthers ? 'others-ended' : 'ended'));
      },
    },
  ];
}

/**
 * Changes the password if the current one is right and the new one is valid. This session continues under a new id, and all others end.
 * @returns the refusal; null if the password is changed
 */
async function changeOwnPassword(
  deps: Deps,
  ask: Ask,
  response: Response,
): Promise<{ status: number; faults: FieldFault[] } | null> {
  const refused = (text: string, status = 422) => ({ status, faults: [{ text, href: '#present' }] });
  const user = await ownUser(deps, ask);
  const present = textOf(ask.request, 'present', 2000);
  const { password: next, faults } = await newPasswordIn(deps, ask.request, user);
  if (faults.length > 0) return { status: 422, faults };
  const refusal = await whyNotOwnPassword(deps, ask, response, user, present);
  if (refusal) return refused(refusal.text, refusal.status);
  const changed = await changePassword(deps, user, next);
  if (!changed) return refused('Your password was changed elsewhere meanwhile. Please sign in again.');
  await beginSession(deps, ask.request, changed);
  await auditOwn(deps, ask, { kind: 'PASSWORD_CHANGED' });
  return null;
}

/** @throws DomainError `NOT_FOUND` if the account no longer exists */
export async function ownUser({ models }: Pick<Deps, 'models'>, ask: Ask): Promise<User> {
  const user = await models.users.findById(ask.user.id).lean<User>();
  if (!user) throw new DomainError('NOT_FOUND');
  return user;
}

async function accountPage(
  deps: Deps,
  ask: Ask,
  { faults = [], name }: { faults?: FieldFault[]; name?: string | undefined } = {},
) {
  const [user, catalogue] = await Promise.all([ownUser(deps, ask), deps.catalogue()]);
  const own = storedSessionId(ask.request.sessionID);
  const sessions = await openSessionsOf(deps, user);
  const units = user.unitIds?.map((id) => catalogue.units.get(id)?.name ?? String(id));
  return {
    ...adminFrame(ask, 'account', 'Your account', sayings),
    name: name ?? user.name,
    nameAction: adminPaths.accountName(),
    facts: [
      { term: 'E-mail', text: shownAddress(user.email) },
      { term: 'Role', text: user.role, hint: roleMeanings[user.role] },
      { term: 'Business units', text: units ? listOf(units) : 'All' },
    ],
    ...(user.passwordHash
      ? {
          password: {
            action: adminPaths.accountPassword(),
            email: user.email,
            hint: passwordHint,
          },
        }
      : {}),
    codes: {
      isOn: hasOneTimeCodes(user),
      ...(user.totp?.confirmedAt ? { since: dayOf(user.totp.confirmedAt, ask.zone) } : {}),
      left: `${counted(user.recoveryCodes.length, 'recovery code')} left`,
      isLow: user.recoveryCodes.length < 3,
      beginAction: adminPaths.codesSetUp(),
      href: adminPaths.oneTimeCodes(),
    },
    passkeys: {
      isOn: user.passkeys.length > 0,
      count: counted(user.passkeys.length, 'passkey'),
      href: adminPaths.passkeys(),
    },
    sessions: sessions.map(({ id, userAgent, network, signedInAt, seenAt }) => ({
      id,
      browser: browserName(userAgent),
      network,
      since: signedInAt ? momentOf(signedInAt, ask.zone) : '–',
      seen: seenAt ? momentOf(seenAt, ask.zone) : '–',
      isThis: id === own,
    })),
    hasOthers: sessions.some(({ id }) => id !== own),
    endAction: adminPaths.endedSessions(),
    faults,
    wrong: wrongOf(faults),
  };
}
