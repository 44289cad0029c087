/** Settings: one user, with role, units, one-time link, closing and opening. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { mayRole, staffRef } from '../../vocabulary/access.js';
import { changeAccess, closeUser, reopenUser, userWithin } from '../../domain/staff/manage-users.js';
import type { UserRefusal } from '../../domain/staff/manage-users.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import type { User } from '../../models/user.js';
import { auditBy } from './audit-by.js';
import { textOf } from './form.js';
import type { FieldFault } from './form.js';
import { adminFrame, saying } from './frame.js';
import type { Sayings } from './frame.js';
import type { AdminRoute, Ask } from './route.js';
import { accessFields, accessWords, faultsOfAccess, titled, wantedAccess } from './user-access.js';
import type { WantedAccess } from './user-access.js';
import { showLink, stateOf, unitNamesOf, usersCrumbs } from './users.js';
import { dayOf, listOf, momentOf } from '../../vocabulary/words.js';

const sayings: Sayings = {
  access: { tone: 'good', strong: 'Changed.', sentence: 'It counts from the next page that is opened.' },
  closed: { tone: 'good', strong: 'The account is closed.', sentence: 'All its sessions have ended.' },
  reopened: {
    tone: 'good',
    strong: 'The account is open again.',
    sentence: 'Its password is what it was.',
  },
};

const refusals: Readonly<Record<UserRefusal, string>> = {
  SELF: 'Your own rights are changed by another admin; your password on your account’s page.',
  LAST_ADMIN: 'This is the last admin for everything. Make another one first.',
  BEYOND_SCOPE: 'You can give only business units that you reach yourself.',
};

const rule = { may: 'settings.change', about: 'user' } as const;

export function userRoutes(deps: Deps): AdminRoute[] {
  /** Loads the user first; one outside the scope is not found. */
  const withUser =
    (act: (ask: Ask, response: Response, user: User) => Promise<void>) =>
    async (ask: Ask, response: Response): Promise<void> =>
      act(ask, response, await userWithin(deps, ask.scope, String(ask.request.params['user'])));
  return [
    {
      method: 'GET',
      path: adminPatterns.user,
      may: 'settings.read',
      about: 'user',
      handle: withUser((ask, response, user) => show(deps, ask, response, user)),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.user,
      handle: withUser((ask, response, user) => change(deps, ask, response, user)),
      showAgain: withUser((ask, response, user) => show(deps, ask, response, user, [], wantedAccess(ask))),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.userClosure,
      handle: withUser(async (ask, response, user) => {
        const refusal = await closeUser(deps, ask.user, user);
        if (refusal) return refused(deps, ask, response, user, refusal);
        await tell(deps, ask, user, 'closed');
        response.redirect(303, saying(ask, adminPaths.user(user._id), 'closed'));
      }),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.userReopening,
      handle: withUser(async (ask, response, user) => {
        if (!user.isActive) {
          await reopenUser(deps, user);
          await tell(deps, ask, user, 'opened again');
        }
        response.redirect(303, saying(ask, adminPaths.user(user._id), 'reopened'));
      }),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.userLinks,
      handle: withUser(async (ask, response, user) => {
        // Users change their own password on their account page. A closed account must be opened first.
        if (user._id === ask.user.id) return refused(deps, ask, response, user, 'SELF');
        if (!user.isActive)
          return show(deps, ask, response, user, [{ text: 'Open the account first.', href: '' }]);
        const removesCodes = textOf(ask.request, 'codes', 10) === 'remove';
        await tell(
          deps,
          ask,
          user,
          removesCodes ? 'one-time link, removes one-time codes and passkeys' : 'one-time link',
        );
        await showLink(deps, ask, response, user, { removesCodes });
      }),
    },
  ];
}

async function change(deps: Deps, ask: Ask, response: Response, user: User): Promise<void> {
  const wanted = wantedAccess(ask);
  const faults = await faultsOfAccess(deps, ask, wanted);
  const { role, isAll, unitIds } = wanted;
  if (faults.length > 0 || role === null) return show(deps, ask, response, user, faults, wanted);
  const scope = isAll ? null : unitIds;
  const refusal = await changeAccess(deps, ask.user, user, { role, scope });
  if (refusal) return refused(deps, ask, response, user, refusal);
  const words = `${accessWords(user)} → ${accessWords({ role, unitIds: scope })}`;
  await tell(deps, ask, user, words);
  response.redirect(303, saying(ask, adminPaths.user(user._id), 'access'));
}

async function refused(deps: Deps, ask: Ask, response: Response, user: User, refusal: UserRefusal) {
  return show(deps, ask, response, user, [{ text: refusals[refusal], href: '' }]);
}

async function show(
  deps: Deps,
  ask: Ask,
  response: Response,
  user: User,
  faults: FieldFault[] = [],
  wanted: WantedAccess = { role: user.role, isAll: user.unitIds === null, unitIds: user.unitIds ?? [] },
): Promise<void> {
  const unitName = await unitNamesOf(deps);
  const isSelf = user._id === ask.user.id;
  const forms = {
    accessAction: adminPaths.user(user._id),
    access: await accessFields(deps, ask, wanted),
    linkAction: adminPaths.userLinks(user._id),
    hasTelephone: hasOneTimeCodes(user) || user.passkeys.length > 0,
    isInvited: stateOf(user).tone === 'wait',
    ...(user.isActive
      ? { closureAction: adminPaths.userClosure(user._id) }
      : { reopeningAction: adminPaths.userReopening(user._id) }),
  };
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-user', {
      ...adminFrame(ask, 'settings', user.name, sayings),
      crumbs: usersCrumbs,
      name: user.name,
      state: stateOf(user),
      facts: [
        { term: 'E-mail', text: shownAddress(user.email) },
        { term: 'Role', text: titled(user.role) },
        { term: 'Business units', text: user.unitIds ? listOf(user.unitIds.map(unitName)) : 'All' },
        { term: 'One-time codes', text: hasOneTimeCodes(user) ? 'On' : 'Off' },
        { term: 'Passkeys', text: String(user.passkeys.length) },
        { term: 'Last signed in', text: user.lastSignInAt ? momentOf(user.lastSignInAt, ask.zone) : 'Never' },
        { term: 'Account made', text: dayOf(user.createdAt, ask.zone) },
      ],
      ...(mayRole(ask.user.role, 'settings.change') && !isSelf ? { forms } : {}),
      ...(isSelf ? { accountHref: adminPaths.account() } : {}),
      faults,
    }),
  );
}

async function tell(deps: Deps, ask: Ask, { _id }: User, detail: string): Promise<void> {
  await auditBy(deps, ask, { kind: 'USER_CHANGED', about: staffRef({ id: _id }), detail });
}
