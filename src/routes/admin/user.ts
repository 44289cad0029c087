/** Settings: one user, with role, units, one-time link, closing and opening. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef, type Role } from '../../vocabulary/access.js';
import type { BusinessUnit } from '../../vocabulary/terms.js';
import {
  changeAccess,
  closeUser,
  reopenUser,
  userWithin,
  type UserRefusal,
} from '../../domain/staff/users.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import type { User } from '../../models/user.js';
import type { Panel } from '../../views/admin-form-page.js';
import { auditBy } from './audit-by.js';
import type { Sayings } from './frame.js';
import { declareAct, declareForm, type Outcome } from './kit/form.js';
import { formRoutes } from './kit/form-page.js';
import type { StaffRoute, Ask } from './route.js';
import {
  accessWords,
  reachFields,
  reachSchema,
  reachTexts,
  roleField,
  roleSchema,
  unitsWithin,
} from './user-access.js';
import { linkPage, stateOf, unitNamesOf, usersCrumbs } from './users.js';
import { capital, dayOf, listOf, momentOf } from '../../vocabulary/words.js';

const sayings: Sayings = {
  access: { tone: 'good', strong: 'Changed.', sentence: 'It applies from the next page that they open.' },
  closed: { tone: 'good', strong: 'The account is closed.', sentence: 'All its sessions have ended.' },
  reopened: {
    tone: 'good',
    strong: 'The account is open again.',
    sentence: 'Its password has not changed.',
  },
};

const refusals: Readonly<Record<UserRefusal, string>> = {
  SELF: 'Another admin can change your role. You change your password on your account page.',
  LAST_ADMIN: 'This is the last admin who reaches everything. Create another one first.',
  BEYOND_SCOPE: 'You can give only business units that you reach yourself.',
};

interface Subject {
  user: User;
  units: readonly BusinessUnit[];
}

const refused = (refusal: UserRefusal): Outcome => ({ faults: [{ text: refusals[refusal], href: '' }] });
const rule = { may: 'settings.change', about: 'user' } as const;

const accessForm = declareForm<Subject, { role: Role; unit: number[] | null }>({
  ...rule,
  pattern: adminPatterns.user,
  groups: ({ units }, _texts, ask) => [{ fields: [roleField, ...reachFields(units, ask)] }],
  texts: ({ user }) => ({ role: user.role, ...reachTexts(user.unitIds) }),
  button: 'Save',
  schema: ({ ask, subject: { units }, texts }) =>
    z.object({ role: roleSchema, ...reachSchema(units, ask, texts) }),
  save: async ({ deps, ask, subject: { user }, values: { role, unit: scope } }) => {
    const refusal = await changeAccess(deps, ask.user, user, { role, scope });
    if (refusal) return refused(refusal);
    await tell(deps, ask, user, `${accessWords(user)} → ${accessWords({ role, unitIds: scope })}`);
    return { to: adminPaths.user(user._id), said: 'access' };
  },
});

const linkForm = declareForm<Subject, { codes?: boolean | undefined }>({
  ...rule,
  isKept: false,
  pattern: adminPatterns.userLinks,
  groups: ({ user }) =>
    hasOneTimeCodes(user) || user.passkeys.length > 0
      ? [
          {
            fields: [
              {
                kind: 'tick',
                name: 'codes',
                label: 'Their phone is lost',
                hint: 'Turns one-time codes off and removes passkeys when the link is used.',
              },
            ],
          },
        ]
      : [],
  button: 'Create a one-time link',
  look: 'plain',
  schema: () => z.object({ codes: z.boolean().optional() }),
  save: async ({ deps, ask, subject: { user }, values: { codes: removesCodes = false } }) => {
    // Users change their own password on their account page. A closed account must be opened first.
    if (user._id === ask.user.id) return refused('SELF');
    if (!user.isActive) return { faults: [{ text: 'Open the account first.', href: '' }] };
    const detail = removesCodes ? 'one-time link, removes one-time codes and passkeys' : 'one-time link';
    await tell(deps, ask, user, detail);
    return { html: await linkPage(deps, ask, user, { removesCodes }) };
  },
});

const closureForm = declareAct<Subject>({
  ...rule,
  pattern: adminPatterns.userClosure,
  button: 'Close the account',
  look: 'stop',
  save: async ({ deps, ask, subject: { user } }) => {
    const refusal = await closeUser(deps, ask.user, user);
    if (refusal) return refused(refusal);
    await tell(deps, ask, user, 'closed');
    return { to: adminPaths.user(user._id), said: 'closed' };
  },
});

const reopeningForm = declareAct<Subject>({
  ...rule,
  pattern: adminPatterns.userReopening,
  button: 'Open the account',
  look: 'plain',
  save: async ({ deps, ask, subject: { user } }) => {
    if (!user.isActive) {
      await reopenUser(deps, user);
      await tell(deps, ask, user, 'opened again');
    }
    return { to: adminPaths.user(user._id), said: 'reopened' };
  },
});

export function userRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Subject>(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings,
    load: async (_deps, { request, scope }) => ({
      user: await userWithin(deps, scope, String(request.params['user'])),
      units: await unitsWithin(deps, scope),
    }),
    show: async ({ ask, subject: { user } }, form) => {
      const unitName = await unitNamesOf(deps);
      const isSelf = user._id === ask.user.id;
      const access = form(accessForm);
      const isInvited = stateOf(user).tone === 'wait';
      const about: Panel = {
        heading: 'About',
        facts: [
          { term: 'E-mail', text: shownAddress(user.email) },
          { term: 'Role', text: capital(user.role) },
          { term: 'Business units', text: user.unitIds ? listOf(user.unitIds.map(unitName)) : 'All' },
          { term: 'One-time codes', text: hasOneTimeCodes(user) ? 'On' : 'Off' },
          { term: 'Passkeys', text: String(user.passkeys.length) },
          { term: 'Last sign-in', text: user.lastSignInAt ? momentOf(user.lastSignInAt, ask.zone) : 'Never' },
          { term: 'Created', text: dayOf(user.createdAt, ask.zone) },
        ],
        ...(isSelf && {
          sentences: ['This is you. Another admin can change your role.'],
          link: { href: adminPaths.account(), text: 'Your account' },
        }),
      };
      const open: Panel[] = [
        {
          heading: isInvited ? 'A new invitation' : 'A way back in',
          sentences: [
            isInvited
              ? 'The earlier link stops working.'
              : 'For a user who cannot sign in any more: a link with which they choose a new password. The current password works until then.',
          ],
          form: form(linkForm),
        },
        {
          heading: 'Close the account',
          sentences: [
            'Its sessions end at once, and it cannot sign in any more. Its earlier acts keep its name.',
          ],
          form: form(closureForm),
        },
      ];
      const closed: Panel = {
        heading: 'Open it again',
        sentences: ['Its password and one-time codes stay the same.'],
        form: form(reopeningForm),
      };
      const acts = user.isActive ? open : [closed];
      return {
        title: user.name,
        crumbs: usersCrumbs,
        state: stateOf(user),
        aside: [about],
        panels:
          isSelf || access.isReadOnly ? [] : [{ heading: 'What this account may do', form: access }, ...acts],
      };
    },
    forms: [accessForm, linkForm, closureForm, reopeningForm],
  });
}

async function tell(deps: Deps, ask: Ask, { _id }: User, detail: string): Promise<void> {
  await auditBy(deps, ask, { kind: 'USER_CHANGED', about: staffRef({ id: _id }), detail });
}
